# The checks on a bus with stuck lines. Sourced by init.
each_test_passes i2c_bus_kernel_test 'stuck_bus.*'
