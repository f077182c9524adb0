# A board without an I2C controller of its own: its bus is a program that fails on demand (faulty_adapter.cpp). The lock's tests, which
# need no bus, run here, beside the processor of a Raspberry Pi 4.
arch=arm64
console=ttyAMA0
bus=9
modules='cuse'
programs='faulty_adapter resource_lock_test lock_files_test lock_threads_test lock_clock_test lock_crash_test fork_family_test
    fault_test kill_loop_test'
suites='settings injected_faults errno_table resource_lock_test lock_files_test lock_threads_test lock_clock_test lock_crash_test fork_family_test
    fault_test kill_loop_test protected_files'

errno_cases() { errno_table --injected; }

prepare() { faulty_adapter i2c-9 & }

emulator='qemu-system-aarch64 -M virt -cpu cortex-a72 -m 512 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr'
