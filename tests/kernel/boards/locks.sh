# The lock's tests, on the fastest machine there is with Debian's kernel for them and a processor of Raspberry Pis.
arch=arm64
console=ttyAMA0
programs='resource_lock_test lock_files_test lock_threads_test lock_clock_test lock_crash_test lock_log_test fork_family_test
    in_the_middle_test'
suites='resource_lock_test lock_files_test lock_threads_test lock_clock_test lock_crash_test lock_log_test fork_family_test
    in_the_middle_test protected_files'

emulator='qemu-system-aarch64 -M virt -cpu cortex-a72 -m 512 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr'
