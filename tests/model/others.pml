/* The forced unget of C++ programs, and the Python programs. */

/* UNGET. The user's comes when nobody can go on, for one of the documented reasons, and nobody has the unit. */
proctype Unget(byte me)
{
    byte seen;
    bit locked;
    {
        if :: me == USER :: else -> goto BEGIN fi;
end:    atomic { excused && S == 0 && python_units == 0 && timeout -> excused = 0 };
BEGIN:  atomic { unget_lock == 0 -> unget_lock = me };

UNGET:  seen = word;
        locked = S == 0 || (PHASE(seen) == HELD && !IS_DEAD(seen));
        if
        :: PHASE(seen) == WAITING && !IS_DEAD(seen) ->
            POST_IF_TAKEN(post_by_force(me == USER));
            goto DONE
        :: seen == FREE || (PHASE(seen) == WAITING && IS_DEAD(seen)) ->
            if :: !locked -> goto DONE :: else fi;
            EXCHANGE(seen, MINE(WAITING), UNGET_POST, UNGET)
        :: (PHASE(seen) == ACQUIRING || PHASE(seen) == RELEASING) && !IS_DEAD(seen) ->
            word != seen || IS_DEAD(seen);
            goto UNGET
        :: else ->
            atomic {
                if
                :: word == seen ->
                    word = MINE(RELEASING);
                    forced = forced || me != USER;
                    cpp_inside = cpp_inside & ~BIT(WHO(seen))
                :: else -> goto UNGET
                fi
            }
        fi;
UNGET_POST:
        POST_IF_TAKEN(post_by_force(me == USER));
        word = FREE;
DONE:   atomic {
            unget_lock = 0; seen = 0; locked = 0;
            if :: me == USER :: else -> running--; alive = alive & ~BIT(me) fi
        };
        if :: me == USER -> goto end :: else fi
    } unless { KILLED }
}

/* Python programs know the semaphore and the text. */
proctype Python(byte me)
{
    byte round;
    bit found_free;
    do
    :: round == PYTHON_ROUNDS -> break
    :: else ->
        d_step { S > 0 -> python_takes() };
#ifdef TORN
        text = PYTHON_TEXT(me, round) + 1;
#endif
        d_step {
            text = PYTHON_TEXT(me, round);
            no_text_yet = no_text_yet & ~BIT(me);
            text_stands = text_stands | python_units & BIT(me);
            grace_for = grace_for & ~BIT(me);
            if
            :: python_units & BIT(me) -> python_enters()
            :: else -> excused = excused || LATE_TEXT       /* somebody ended its hold by force before this text */
            fi
        };
        d_step {
            python_inside = python_inside & ~BIT(me);
            found_free = S > 0;
            if :: found_free -> python_units = python_units & ~BIT(me); text_stands = text_stands & ~BIT(me) :: else fi
        };
        if
        :: found_free
        :: else ->
            d_step {
                if
                :: python_units & BIT(me) ->
                    python_units = python_units & ~BIT(me);
                    text_stands = text_stands & ~BIT(me);
                    S++;
                    check_units()
                :: else -> post_by_force(false)
                fi
            }
        fi;
        round++
    od
}

proctype Python_force()
{
    byte round;
    do
    :: round == PYTHON_FORCE -> break
    :: S > 0 -> break
    :: round < PYTHON_FORCE && S == 0 -> d_step { post_by_force(false); round++ }
    od
}
