# A board without an I2C controller of its own: its bus is a program that fails on demand (faulty_adapter.cpp). The
# bus's own tests, with simulated buses, run here too.
arch=arm64
console=ttyAMA0
bus=9
modules='cuse'
programs='faulty_adapter i2c_test'
suites='settings injected_faults errno_table i2c_test'

errno_cases() { errno_table --injected; }

prepare() { faulty_adapter i2c-9 & }

emulator='qemu-system-aarch64 -M virt -cpu cortex-a72 -m 512 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr'
