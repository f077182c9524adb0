# Debians in folders of the cache, for scripts that run as root and have sourced cross/packages.sh; sourced, not run.
#
#   as_root SCRIPT [ARGS...]
#       goes on as root with a script, by sudo if need be. Makes the cache folder before, so that it is the user's.
#   make_debian DIR SUITE PACKAGE...
#       a Debian with these packages and nothing else, from the mirror of this system's own packages. Another list makes it anew: a
#       package that is named no longer must be missing.
#   copy_in_memory DIR
#       the same folder as `copy`, DIR/mnt/root, where changes lie in memory. For a script with mounts of its own (in_own_mounts): with
#       these it ends.
#   in_own_mounts SCRIPT [ARGS...]
#       goes on with a script whose mounts nobody else sees; does nothing when it does so already.
#   inside DIR COMMAND...
#       runs a command there, in its folder /project. What is mounted, such as its own /dev/shm, is seen, and lives, in there only; if
#       this script is killed, so is the command.
#   logged DIR WHAT SCRIPT [ARGS...]
#       the same for a script of sh that is shown only when it fails; DIR.log has it all.
#   install_there
#       such a script: installs its arguments. Packages that are there already need no network.

as_root() {
    mkdir -p "$cache_dir"
    [[ $EUID -ne 0 ]] || return 0
    command -v sudo >/dev/null || die "needs root, and there is no sudo here"
    exec sudo RESOURCELOCK_CACHE="$cache_dir" CI="${CI:-}" http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"
}

make_debian() {
    local debian=$1 suite=$2 mirror new=$1.new contents="${*:2}"
    shift 2
    is_unpacked "$debian" "$contents" && return
    install_packages debootstrap
    mirror=$(apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Label: Debian' 'Component: main' | sed -n 1p)
    [[ -n $mirror ]] || die "no Debian among the package sources: run apt-get update"
    say "making a Debian $suite in $debian"
    rm -rf "$new"
    debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$new" "$mirror" >"$debian.log" 2>&1 ||
        die "debootstrap failed ($(tail -n1 "$debian.log")); $debian.log has it all"
    rm -rf "$debian"
    mv "$new" "$debian"
    mkdir "$debian/project"
    logged "$debian" "installing there: $*" "$install_there" "$@"
    printf '%s\n' "$contents" >"$debian/.contents"
}

in_own_mounts() {
    [[ -z ${RESOURCELOCK_OWN_MOUNTS:-} ]] || return 0
    RESOURCELOCK_OWN_MOUNTS=yes exec unshare --mount --propagation private "$@"
}

copy_in_memory() {
    mount -t tmpfs tmpfs "$1/mnt"
    mkdir "$1/mnt"/{root,changes,work}
    copy=$1/mnt/root
    mount -t overlay -o "lowerdir=$1,upperdir=$1/mnt/changes,workdir=$1/mnt/work" overlay "$copy"
}

inside() {
    local debian=$1
    shift
    cp /etc/resolv.conf "$debian/etc/resolv.conf"
    # shellcheck disable=SC2016 # for the inner shell
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private bash -euc '
        mount --rbind "$0" "$0" # tests that mount need a root that is a mount itself
        mount -t proc proc "$0/proc"
        mount -t tmpfs -o mode=755 tmpfs "$0/dev"
        for node in null zero full random urandom tty; do
            touch "$0/dev/$node"
            mount --bind "/dev/$node" "$0/dev/$node"
        done
        ln -s /proc/self/fd "$0/dev/fd"
        ln -s fd/0 "$0/dev/stdin"
        ln -s fd/1 "$0/dev/stdout"
        ln -s fd/2 "$0/dev/stderr"
        mkdir "$0/dev/pts"
        mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$0/dev/pts"
        ln -s pts/ptmx "$0/dev/ptmx"
        mkdir "$0/dev/shm"
        mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
        exec chroot "$0" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            CI="${CI:-}" http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" sh -c "cd /project && exec \"\$@\"" sh "$@"
    ' "$debian" "$@"
}

logged() {
    local debian=$1 log=${1%/mnt/root}.log # of a copy in memory, it stays
    say "$2"
    inside "$debian" sh -c "$3" sh "${@:4}" >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        die "this failed; $log has it all"
    }
}

# shellcheck disable=SC2016,SC2034 # for the shell there; of those who source this
install_there='{ apt-get -q -y --no-install-recommends install "$@" || {
    apt-get -q update && apt-get -q -y --no-install-recommends install "$@"; }; }'
