# The emulated Raspberry Pi 3B: QEMU, the kernel, the device tree and the devices on its bus. Sourced by run.
# Everything lies in the cache folder: the system needs no QEMU.

# What tests/kernel/run uses of the system.
board_packages=(binutils cpio device-tree-compiler xz-utils)

emulator_dir=$cache_dir/qemu-system-arm
board_dir=$cache_dir/board-arm64

fetch_board() {
    unpack_qemu qemu-system-arm
    # What a kernel package depends on serves its installation; we only read files from it.
    unpack_packages --have 'initramfs-tools kmod linux-base' "$board_dir" arm64 linux-image-arm64 busybox-static
    kernel=$(echo "$board_dir"/boot/vmlinuz-*)
    modules_dir=$(echo "$board_dir"/lib/modules/*)
    board_tree=$(echo "$board_dir"/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb)
}

# Writes the device tree that the firmware of a real board would have prepared.
make_device_tree() {
    local tree=$1
    cp "$board_tree" "$tree"
    # The Pi's own name for the bus on the header: /dev/i2c-1.
    fdtput -t s "$tree" /aliases i2c1 /soc/i2c@7e804000
    fdtput -t s "$tree" /soc/i2c@7e804000 status okay
    # Without the Bluetooth chip on it, this serial port becomes a plain console.
    fdtput -r "$tree" /soc/serial@7e201000/bluetooth
}

# Starts the board with the device tree and the initramfs in the folder WORK. Its console and QEMU's complaints come out
# on standard output; commands for QEMU's monitor (QMP) go in on standard input, and their answers to WORK/qmp.log.
start_board() {
    local work=$1 libraries
    libraries=$(echo "$emulator_dir"/usr/lib/*-linux-gnu*)
    # The machine has four cores, or its kernel waits for the missing ones for ever. One thread for all four is several
    # times faster than four on a host with two: idle cores spin.
    LD_LIBRARY_PATH=$libraries exec "$emulator_dir/usr/bin/qemu-system-aarch64" \
        -M raspi3b -m 1G -smp 4 -accel tcg,thread=single -display none -no-reboot \
        -qmp stdio -serial file:/dev/stderr \
        -kernel "$kernel" -dtb "$work/board.dtb" -initrd "$work/initramfs" \
        -append 'console=ttyAMA0,115200 panic=-1' \
        -device tmp105,id=tmp105,bus=i2c-bus.1,address=0x48 \
        -device at24c-eeprom,bus=i2c-bus.1,address=0x50,rom-size=32768,address-size=2 \
        -device ds1338,bus=i2c-bus.1,address=0x68 \
        -device pca9548,bus=i2c-bus.1,address=0x70 \
        -device tmp105,bus=i2c.0,address=0x4a -device tmp105,bus=i2c.1,address=0x4a \
        2>&1 >"$work/qmp.log" # in this order: errors to where output went
}
