# A PC: the SMBus of its chipset (i2c-i801) and the kernel's own i2c-stub. Both speak SMBus only. Sourced by run.
arch=amd64
modules=(i2c-dev i2c-stub i2c-i801)
module_options=(i2c_stub=chip_addr=0x20)
programs=(i2c_bus_kernel_test)
console=ttyS0

make_device_tree() { :; }

emulator=(qemu-system-x86_64 -M q35 -cpu max -m 256 -smp 2 -accel tcg,thread=single -nodefaults -serial file:/dev/stderr)
