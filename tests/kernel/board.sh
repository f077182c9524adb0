# What all boards share: QEMU, Debian's kernel and the devices on the bus. Sourced by run. Everything lies in the cache folder:
# the system needs no QEMU.

# What tests/kernel/run uses of the system.
board_packages=(binutils cpio device-tree-compiler xz-utils)

# On boards with an I2C controller. The switch has names of its own for the buses behind it.
devices_on_bus_1=(
    -device tmp105,id=tmp105,bus=i2c-bus.1,address=0x48
    -device at24c-eeprom,bus=i2c-bus.1,address=0x50,rom-size=32768,address-size=2
    -device ds1338,bus=i2c-bus.1,address=0x68
    -device pca9548,bus=i2c-bus.1,address=0x70
    -device tmp105,bus=i2c.0,address=0x4a -device tmp105,bus=i2c.1,address=0x4a)

# Names of the boards. The PC's programs are this machine's own.
boards() {
    printf '%s\n' pi3 imx8mp stuck
    [[ $(dpkg --print-architecture) != amd64 ]] || echo pc
}

# Gets the emulator and the kernel of the board whose description was sourced.
fetch_board() {
    local package=qemu-system-arm
    [[ $arch != amd64 ]] || package=qemu-system-x86
    unpack_qemu "$package"
    emulator_dir=$cache_dir/$package
    board_dir=$cache_dir/board-$arch
    # What a kernel package depends on serves its installation; we only read files from it.
    unpack_packages --have 'initramfs-tools kmod linux-base' "$board_dir" "$arch" "linux-image-$arch" busybox-static
    kernel=$(echo "$board_dir"/boot/vmlinuz-*)
    modules_dir=$(echo "$board_dir"/lib/modules/*)
}

# Starts the board with the device tree and the initramfs in the folder WORK. Its console and QEMU's complaints come out
# on standard output; commands for QEMU's monitor (QMP) go in on standard input, and their answers to WORK/qmp.log.
start_board() {
    local work=$1 libraries options=()
    libraries=$(echo "$emulator_dir"/usr/lib/*-linux-gnu*)
    [[ ! -e $work/board.dtb ]] || options=(-dtb "$work/board.dtb")
    LD_LIBRARY_PATH=$libraries exec "$emulator_dir/usr/bin/${emulator[0]}" "${emulator[@]:1}" \
        -L "$emulator_dir/usr/share/qemu" -L "$emulator_dir/usr/share/seabios" -display none -no-reboot -qmp stdio -kernel "$kernel" "${options[@]}" -initrd "$work/initramfs" \
        -append "console=$console panic=-1" \
        2>&1 >"$work/qmp.log" # in this order: errors to where output went
}
