# Debian packages for the scripts of this project; sourced, not run, by scripts with set -e.
#
#   install_packages PKG...
#       into the system, those that are missing. Needs root or sudo only when something is missing.
#   unpack_packages [--suite SUITE] [--have "PKG..."] DIR ARCH PKG...
#       into the folder DIR, with everything they depend on, for any architecture and as any user. The system stays as it
#       is: apt works on package lists of its own in the cache folder and believes that nothing is installed, except the
#       packages after --have. A DIR that holds just these packages already is left alone, without a look at the network.
#   unpack_qemu PKG
#       likewise, a package of QEMU that is new enough, into cache_dir/PKG.
#   parallel_jobs
#       prints how many compilers to run at a time.
#   build_packages, test_packages
#       what the build needs of the system, and what the tests need besides.
#
# Those that need packages end the calling script with one line when they cannot have them.

cache_dir=$(realpath -m "${RESOURCELOCK_CACHE:-${XDG_CACHE_HOME:-${HOME:-$(getent passwd "$EUID" | cut -d: -f6)}/.cache}/resourcelock}")

# shellcheck disable=SC2034 # of those who source this
build_packages=(g++ cmake ninja-build libspdlog-dev libcli11-dev libi2c-dev nlohmann-json3-dev)
# shellcheck disable=SC2034
test_packages=(libgtest-dev libbenchmark-dev make pkg-config python3) # make: some tests call cmake as users do, without Ninja

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$@"; exit 1; }

# The likeliest cause in apt's output, for a message of one line.
first_error() { grep -m1 -E '^[EW]: Failed to fetch' "$1" || grep -m1 '^E:' "$1" || tail -n1 "$1"; }

installed() {
    dpkg-query -W -f '${db:Status-Status} ${Architecture}\n' "$1" 2>/dev/null |
        grep -qxE "installed ($(dpkg --print-architecture)|all)"
}

install_packages() {
    command -v apt-get >/dev/null || die "needs Debian 12 or 13 or Raspberry Pi OS; elsewhere install the likes of: $*"
    local package missing=() as_root=() log
    for package; do
        installed "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0

    local by_hand="sudo apt-get install --no-install-recommends ${missing[*]}"
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || die "packages are missing, and there is no sudo here; as root, run: ${by_hand#sudo }"
        as_root=(sudo)
    fi
    say "installing packages: ${missing[*]}"
    log=$(mktemp)
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600)
    local install=("${apt[@]}" --no-install-recommends --no-remove install "${missing[@]}")
    # Lists that are absent or too old make the first try fail. What counts after an update is the second try: one dead
    # source of somebody else's packages fails the update, but not us.
    "${install[@]}" >"$log" 2>&1 </dev/null || {
        "${apt[@]}" update >"$log" 2>&1 </dev/null || true
        "${install[@]}" >>"$log" 2>&1 </dev/null
    } || {
        local cause
        cause=$(first_error "$log")
        rm -f "$log"
        die "cannot install packages ($cause); try: ${by_hand}"
    }
    rm -f "$log"
}

unpack_packages() {
    local suite='' have=''
    while [[ $1 == --* ]]; do
        case $1 in
            --suite) suite=$2 ;;
            --have) have=$2 ;;
            *) die "unpack_packages: unknown option $1" ;;
        esac
        shift 2
    done
    local dir=$1 arch=$2
    shift 2
    # What DIR must hold, kept inside it. Another Debian release, or another list, makes it anew.
    local contents="$(. /etc/os-release; echo "${VERSION_CODENAME:-}") $suite $arch $* without $have"
    is_unpacked "$dir" "$contents" && return

    command -v apt-get >/dev/null || die "needs apt-get, as on Debian 12 or 13 or Raspberry Pi OS"
    mkdir -p "$cache_dir" "$(dirname "$dir")" || die "cannot write to $cache_dir; RESOURCELOCK_CACHE may name another folder"
    (
        exec {lock}>"$cache_dir/.lock"
        flock "$lock" # two scripts may want the same folder
        is_unpacked "$dir" "$contents" && exit
        say "unpacking $arch packages into $dir: $*"
        rm -rf "$cache_dir"/.unpacking.* # of a run that was killed
        work=$(mktemp -d "$cache_dir/.unpacking.XXXXXX")
        trap 'rm -rf "$work"' EXIT

        private_apt "$arch" "$have"
        # As in install_packages: lists that are absent or too old make the first try fail.
        fetch "$suite" "$@" || {
            update_lists "$suite"
            fetch "$suite" "$@"
        } || die "cannot get $arch packages ($(first_error "$work/log")); check the network and the system's package sources, then run this again"

        mkdir "$work/root"
        for deb in "$work"/debs/*.deb; do
            dpkg -x "$deb" "$work/root" || die "cannot unpack ${deb##*/} into $cache_dir; is the disk full?"
        done
        make_self_contained "$work/root"
        printf '%s\n' "$contents" >"$work/root/.contents"
        chmod 755 "$work/root"
        # Only a finished folder gets the name that callers look for.
        rm -rf "$dir"
        mv "$work/root" "$dir"
    ) # no || here: it would switch set -e off inside
}

# What we need came after Debian 12's version 7.2, in the emulated Pi its I2C controller and in user mode MADV_WIPEONFORK:
# there, version 10 comes from backports.
unpack_qemu() {
    local suite=()
    [[ $(. /etc/os-release; echo "${VERSION_CODENAME:-}") != bookworm ]] || suite=(--suite bookworm-backports)
    # The C library must be the one that the system's program loader belongs to.
    unpack_packages "${suite[@]}" --have libc6 "$cache_dir/$1" "$(dpkg --print-architecture)" "$1"
}

is_unpacked() { [[ -e $1/.contents && $(<"$1/.contents") == "$2" ]]; }

# One for each core, but each compiler takes some 500 MB, more than a small Raspberry Pi has for all its cores.
parallel_jobs() {
    local fitting
    fitting=$(awk '/^MemTotal/ { print int($2 / 600000) + 1 }' /proc/meminfo)
    echo $((fitting < $(nproc) ? fitting : $(nproc)))
}

# The rest works for unpack_packages, in its folder $work.

# Sets $apt and $state: an apt-get for one architecture with the system's own sources and keys, whose lists stay in the
# cache and whose package files do not.
private_apt() {
    local arch=$1 have=$2 package source
    state=$cache_dir/apt/$arch
    mkdir -p "$state"/{lists/partial,sources} "$work/debs/partial"
    rm -f "$state"/sources/system*
    for source in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        [[ ! -e $source ]] || ln -s "$source" "$state/sources/system-${source##*/}"
    done
    for package in $have; do
        printf '%s\n' "Package: $package" 'Status: install ok installed' 'Version: 999' "Architecture: $arch" \
            'Multi-Arch: allowed' 'Maintainer: none' 'Description: none' '' # allowed: also for those who need PACKAGE:any
    done >"$work/status"
    # What is cleared are hooks, which refresh or clean caches of the system.
    cat >"$work/apt.conf" <<END
#clear APT::Architectures;
#clear APT::Update;
#clear DPkg;
APT::Architecture "$arch";
APT::Architectures "$arch";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Cache "$work";
Dir::Cache::Archives "$work/debs";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$state/sources";
Dir::Log "$work";
Dir::State "$state";
Dir::State::extended_states "$work/extended_states";
Dir::State::status "$work/status";
END
    apt=(apt-get -c "$work/apt.conf" -q)
}

fetch() {
    local suite=$1
    shift
    "${apt[@]}" -y ${suite:+-t "$suite"} --download-only install "$@" >>"$work/log" 2>&1 </dev/null
}

# A suite is looked for where the release itself comes from, so that no script names a mirror.
update_lists() {
    local suite=$1 mirror
    "${apt[@]}" update >"$work/log" 2>&1 || true # as in install_packages, the fetch decides
    [[ -n $suite && -z $("${apt[@]}" indextargets "Release: $suite") ]] || return 0
    mirror=$("${apt[@]}" indextargets --format '$(SITE)' 'Origin: Debian' "Release: ${suite%%-*}" 'Component: main' | sed -n 1p)
    [[ -n $mirror ]] || die "no Debian ${suite%%-*} among the package sources to find $suite beside ($(first_error "$work/log"))"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$state/sources/$suite.list"
    "${apt[@]}" update >"$work/log" 2>&1 || true
}

# Lays the tree ROOT out as an installed Debian is: /lib and its like lead into /usr, where some packages still ship files
# in both. Absolute links, which would leave the tree, become relative.
make_self_contained() {
    local root=$1 name link
    for name in bin sbin lib lib64; do
        mkdir -p "$root/usr/$name"
        [[ -L $root/$name || ! -d $root/$name ]] || cp -a "$root/$name/." "$root/usr/$name/"
        rm -rf "${root:?}/$name"
        ln -s "usr/$name" "$root/$name"
    done
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -srfn "$root$(readlink "$link")" "$link"
    done
}
