# The checks on the i.MX. Sourced by init.
each_test_passes i2c_bus_kernel_test 'any_adapter.*:imx8mp.*'
