# The machine of locks.sh, for workers that are killed at any moment. A board of its own, so that each takes less than a minute.
. "$boards_dir/locks.sh"
programs='kill_loop_test'
suites='kill_loop_test'
