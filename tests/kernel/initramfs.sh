# The file system of the emulated board: busybox, the drivers, the programs under test and the libraries these need.
# Sourced by run.

# make_initramfs FILE ROOT SYSROOT BUILD PROGRAM...: packs the folder ROOT, which it makes, into FILE: for the board whose
# description was sourced. Libraries are looked for in BUILD first, as they were when the programs were linked.
make_initramfs() {
    local file=$1 root=$2 sysroot=$3 build=$4
    shift 4
    mkdir -p "$root"/{bin,dev,lib,modules,proc,programs,sys,tmp}
    cp "$board_dir/bin/busybox" "$root/bin/"
    cp -r "$here/init" "$here/guest.sh" "$here/gtest_checks.sh" "$here/suites" "$here/boards" "$root/"
    printf '%s\n' "board=$board boards_dir=/boards" ". /boards/$board.sh" >"$root/board.sh"
    cp "$@" "$root/programs/"
    copy_libraries "$root/lib" "$sysroot" "$build" "$@"
    if [[ -n $i2c_tools ]]; then
        mkdir -p "$root$i2c_tools"
        cp "$i2c_tools_dir"/usr/sbin/i2c{detect,dump,get,set,transfer} "$root$i2c_tools/"
        copy_libraries "$root/lib" "$sysroot" "$build" "$root$i2c_tools"/*
    fi
    if [[ ${#debs[@]} -gt 0 ]]; then
        mkdir "$root/packages"
        cp "${debs[@]}" "$root/packages/"
    fi
    ln -s lib "$root/lib64" # where some processors' programs look for their loader
    copy_modules "$root/modules" $modules
    (cd "$root" && find . | cpio --quiet -o -H newc) >"$file"
}

# Copies what the programs need, and what that needs in turn.
copy_libraries() {
    local lib=$1 sysroot=$2 build=$3 program name found
    shift 3
    for program; do
        for name in $(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'); do
            [[ ! -e $lib/$name ]] || continue
            found=$(find -L "$build" -path "$build/installed" -prune -o -name "$name" -type f -print -quit)
            [[ -n $found ]] || found=$(find -L "$sysroot"/usr/lib/*-linux-gnu* -maxdepth 1 -name "$name" -type f -print -quit)
            [[ -n $found ]] || die "${program##*/} needs $name, which is neither in $build nor in $sysroot/usr/lib"
            cp -L "$found" "$lib/$name"
            copy_libraries "$lib" "$sysroot" "$build" "$found"
        done
    done
}

# Copies kernel modules and the modules they need, numbered in the order of loading. A name without a file is built in.
copy_modules() {
    local to=$1 name file needed
    shift
    for name; do
        name=${name//-/_}
        [[ -z $(find "$to" -name "*-$name.ko") ]] || continue
        file=$(find "$modules_dir" -name "${name//_/[-_]}.ko*" -print -quit)
        if [[ -z $file ]]; then
            grep -q "/${name//_/[-_]}\.ko$" "$modules_dir/modules.builtin" || die "the kernel of $board has no module $name"
            continue
        fi
        case $file in # Debian 13 compresses them
            *.xz) xz -dc "$file" ;;
            *) cat "$file" ;;
        esac >"$to/$name.ko"
        needed=$(tr '\0' '\n' <"$to/$name.ko" | sed -n 's/^depends=//p' | tr , ' ')
        copy_modules "$to" $needed
        mv "$to/$name.ko" "$to/$(printf %02d "$(ls "$to"/[0-9]* 2>/dev/null | wc -l)")-$name.ko"
    done
}
