# A board without an I2C controller of its own: its bus is a program that fails on demand (faulty_adapter.cpp).
arch=arm64
console=ttyAMA0
bus=9
modules='cuse'
programs='faulty_adapter'
suites='settings injected_faults'

prepare() { faulty_adapter i2c-9 & }

emulator='qemu-system-aarch64 -M virt -cpu cortex-a72 -m 512 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr'
