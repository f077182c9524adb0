# The machine of locks.sh, for the suites in which programs are killed: a board of its own, so that each takes no longer than a minute.
. "$boards_dir/locks.sh"
arch=arm64
programs='fault_test kill_loop_test'
suites='fault_test kill_loop_test'
