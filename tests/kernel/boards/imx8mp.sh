# NXP i.MX 8M Plus: i2c-imx, which carries out several reads in one transfer and blocks whose length the device tells.
arch=arm64
console=ttymxc1,115200
bus=1
modules='i2c-dev i2c-imx lm75 at24 i2c-mux-pca954x'
programs='i2cbus'
suites='settings errno_table imx8mp any_adapter contention kernel_drivers unplugged i2cbus_imx'

errno_cases() { with_eeprom_driver errno_table i2c-imx 1 0x48 0x50; }

make_device_tree() {
    local controller=/soc@0/bus@30800000/i2c@30a30000 # the second one: /dev/i2c-1, with no devices of the board's own
    cp "$board_dir"/usr/lib/linux-image-*/freescale/imx8mp-evk.dtb "$1"
    fdtput -t s "$1" "$controller" status okay
    fdtput -t i "$1" "$controller" clock-frequency 400000
}

emulator="qemu-system-aarch64 -M imx8mp-evk -m 1G -smp 2 -accel tcg,thread=single -serial null -serial file:/dev/stderr $devices_on_bus_1"
