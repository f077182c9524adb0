# A PC: the SMBus of its chipset (i2c-i801) and the kernel's own i2c-stub. Both speak SMBus only.
arch=amd64
console=ttyS0
bus=1
modules='i2c-dev i2c-stub i2c-i801'
module_options='i2c_stub chip_addr=0x20'
programs='i2cbus fork_family_test fault_test'
suites='settings smbus_only i2cbus_smbus errno_table fork_family_test single_steps'

errno_cases() {
    errno_table i2c-stub 'SMBus stub driver' 0x20 &&
        errno_table i2c-i801 "$(sed -n '/^SMBus I801/p' /sys/class/i2c-dev/*/name)" 0x50
}

emulator='qemu-system-x86_64 -M q35 -cpu max -m 256 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr'
