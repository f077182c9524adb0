# A Raspberry Pi 3B whose second bus hangs on two pins (i2c-gpio) that are both low, as without pull-up resistors.
arch=arm64
console=ttyAMA0,115200
bus=7
modules='i2c-dev i2c-gpio'
programs='i2cbus'
suites='settings stuck_bus i2cbus_stuck errno_table'

errno_cases() { errno_table 'i2c-gpio, lines low' 7 0x48; }

make_device_tree() {
    local pins
    cp "$board_dir"/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb "$1"
    fdtput -r "$1" /soc/serial@7e201000/bluetooth
    pins=$(fdtget -t u "$1" /soc/gpio@7e200000 phandle)
    fdtput -c "$1" /i2c-gpio
    fdtput -t s "$1" /aliases i2c7 /i2c-gpio
    fdtput -t s "$1" /i2c-gpio compatible i2c-gpio
    fdtput -t u "$1" /i2c-gpio sda-gpios "$pins" 23 6 # active high, open drain
    fdtput -t u "$1" /i2c-gpio scl-gpios "$pins" 24 6
    fdtput -t u "$1" /i2c-gpio i2c-gpio,delay-us 5
    fdtput -t u "$1" /i2c-gpio i2c-gpio,timeout-ms 20 # for each bit: the driver's own 100 make a minute of the suites
}

emulator='qemu-system-aarch64 -M raspi3b -m 1G -smp 4 -accel tcg,thread=single -serial file:/dev/stderr'
