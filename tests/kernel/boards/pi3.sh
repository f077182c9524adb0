# Raspberry Pi 3B: i2c-bcm2835, the adapter of every Pi up to the 4. What programs do on it; pi3_drivers.sh is the same machine.
arch=arm64
console=ttyAMA0,115200
bus=1
boot_options='iomem=relaxed' # the suite i2cbus writes to registers that drivers have (make_deaf)
modules='i2c-dev i2c-bcm2835 lm75 at24 i2c-mux-pca954x'
programs='resourcelock i2cbus two_step_reader tmp105 bus_bench'
i2c_tools=/i2c-tools
packages='libresourcelock1 resourcelock-tools'
suites='settings command_line i2c_tools i2cbus errno_table lock_overhead packages'

errno_cases() { with_eeprom_driver errno_table i2c-bcm2835 1 0x48 0x50; }

make_device_tree() {
    cp "$board_dir"/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb "$1"
    # The Pi's own name for the bus on the header: /dev/i2c-1. The firmware of a real board prepares this.
    fdtput -t s "$1" /aliases i2c1 /soc/i2c@7e804000
    fdtput -t s "$1" /soc/i2c@7e804000 status okay
    # Without the Bluetooth chip on it, this serial port becomes a plain console.
    fdtput -r "$1" /soc/serial@7e201000/bluetooth
}

# The machine has four cores, or its kernel waits for the missing ones for ever. One thread for all four is several times
# faster than four on a host with two: idle cores spin.
emulator="qemu-system-aarch64 -M raspi3b -m 1G -smp 4 -accel tcg,thread=single -serial file:/dev/stderr $devices_on_bus_1"
