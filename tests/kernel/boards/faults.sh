# A board without an I2C controller of its own: its buses are programs that fail on demand (faulty_adapter.cpp), one of them with
# SMBus only. Of the bus's own tests, with simulated buses, those of locks and processes run here too.
arch=arm64
console=ttyAMA0
bus=9
modules='cuse'
programs='faulty_adapter i2c_test'
suites='settings injected_faults errno_table i2c_test'

errno_cases() { errno_table --injected; }

prepare() {
    faulty_adapter i2c-8 --smbus-only &
    until [ -e /dev/i2c-8 ]; do usleep 100000; done
    faulty_adapter i2c-9 &
}

emulator='qemu-system-aarch64 -M virt -cpu cortex-a72 -m 512 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr'
