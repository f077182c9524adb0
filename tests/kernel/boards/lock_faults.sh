# The machine of locks.sh, for forks, broken records, signals and kills. A board of its own, so that each takes about a minute.
. "$boards_dir/locks.sh"
programs='fork_family_test in_the_middle_test fault_test'
suites='fork_family_test in_the_middle_test fault_test'
