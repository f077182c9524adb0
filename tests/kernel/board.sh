# What all boards share: QEMU, Debian's kernel and the devices on the bus. Sourced by scripts that keep the folder of this one in `here`.
# Everything lies in the cache folder: the system needs no QEMU.
#
# A board is one file boards/NAME.sh, which run (bash) and init on the board (the sh of busybox) both read, from boards_dir. It sets
#   arch            Debian's word: arm64 or amd64
#   console         the kernel's console, the serial port that QEMU connects
#   bus             /dev/i2c-N that the tests wait for (optional)
#   modules         of the kernel, loaded in this order; what they need comes before them by itself (optional)
#   module_options  a line "module option=value" for each that has some (optional)
#   programs        of the build, besides those that every board has
#   boot_options    of the kernel (optional)
#   i2c_tools       the folder there for the programs of Debian's package i2c-tools (optional)
#   packages        this project's Debian packages that lie in /packages there; cross/package makes them (optional)
#   suites          what guest.sh runs there
#   emulator        QEMU's program and options
# and may define make_device_tree FILE (here) and prepare, errno_cases (on the board).

# What tests/kernel/run uses of the system.
board_packages=(binutils cpio device-tree-compiler xz-utils)

# On boards with an I2C controller. The switch has names of its own for the buses behind it.
devices_on_bus_1='-device tmp105,id=tmp105,bus=i2c-bus.1,address=0x48
    -device at24c-eeprom,bus=i2c-bus.1,address=0x50,rom-size=32768,address-size=2
    -device ds1338,bus=i2c-bus.1,address=0x68
    -device pca9548,bus=i2c-bus.1,address=0x70
    -device tmp105,bus=i2c.0,address=0x4a -device tmp105,bus=i2c.1,address=0x4a'

programs_of_every_board='without_adapter_settings i2c_bus_kernel_test errno_table'

# Names of the boards. A PC's programs are this machine's own.
boards() {
    local file name board_arch
    for file in "$here"/boards/*.sh; do
        name=$(basename "$file" .sh)
        board_arch=$(read_board "$name" >&2 && echo "$arch") || die "boards/$name.sh is broken"
        [[ $board_arch != arm64 && $(dpkg --print-architecture) != amd64 ]] || echo "$name"
    done
}

read_board() { # NAME
    bus='' modules='' module_options='' programs='' suites='' boot_options='' i2c_tools='' packages=''
    make_device_tree() { :; }
    boards_dir=$here/boards
    . "$boards_dir/$1.sh"
    [[ -n $suites ]] || die "boards/$1.sh names no suites"
}

# Gets the emulator and the kernel of the board whose description was read.
fetch_board() {
    local package=qemu-system-arm
    [[ $arch != amd64 ]] || package=qemu-system-x86
    unpack_qemu "$package"
    emulator_dir=$cache_dir/$package
    board_dir=$cache_dir/board-$arch
    i2c_tools_dir=$cache_dir/i2c-tools-$arch
    # What a kernel package depends on serves its installation; we only read files from it.
    unpack_packages --have 'initramfs-tools kmod linux-base' "$board_dir" "$arch" "linux-image-$arch" busybox-static
    [[ -z $i2c_tools ]] || unpack_packages --have 'adduser perl udev' "$i2c_tools_dir" "$arch" i2c-tools
    kernel=$(echo "$board_dir"/boot/vmlinuz-*)
    modules_dir=$(echo "$board_dir"/lib/modules/*)
}

# Starts the board with the device tree and the initramfs in the folder WORK. Its console and QEMU's complaints come out
# on standard output; commands for QEMU's monitor (QMP) go in on standard input, and their answers to WORK/qmp.log.
start_board() {
    local work=$1 libraries command options=()
    libraries=$(echo "$emulator_dir"/usr/lib/*-linux-gnu*)
    read -r -d '' -a command <<<"$emulator" || true
    [[ ! -e $work/board.dtb ]] || options=(-dtb "$work/board.dtb")
    LD_LIBRARY_PATH=$libraries exec "$emulator_dir/usr/bin/${command[0]}" "${command[@]:1}" \
        -L "$emulator_dir/usr/share/qemu" -L "$emulator_dir/usr/share/seabios" -display none -no-reboot -qmp stdio -kernel "$kernel" "${options[@]}" -initrd "$work/initramfs" \
        -append "console=$console panic=-1 $boot_options" \
        2>&1 >"$work/qmp.log" # in this order: errors to where output went
}
