# The machine of locks.sh, for broken records, signals and kills at chosen moments. A board of its own, so that each takes less than a
# minute.
. "$boards_dir/locks.sh"
programs='fault_test'
suites='fault_test'
