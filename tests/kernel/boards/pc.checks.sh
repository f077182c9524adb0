# The checks on the PC. Sourced by init.
each_test_passes i2c_bus_kernel_test 'smbus_only.*'
