/* The C++ programs that open and take the lock. Where an #ifdef stands, tests/model/run takes that step
 * of the protocol away and expects SPIN to find what it is there for. */

#define MINE(phase) WORD(phase, me)

/* Compare-exchange the word, then go on at one of two labels. */
#define EXCHANGE(from, to, then, otherwise) \
    atomic { if :: word == (from) -> word = (to); goto then :: else -> goto otherwise fi }

/* RECOVER 1 to 4: what a dead owner left. Changes nothing but the grace. */
mtype = { DROP, INHERIT, NOT_YET };

inline judge(dead)
{
#ifndef LATE_CLOCK
    over_for = (grace_word == dead && grace_for == 0 -> grace_text : NO_TEXT);                      /* the time, for 4 */
#endif
    if
#ifdef NO_BLANK
    :: atomic { PHASE(dead) == WAITING -> verdict = DROP }
#else
    :: atomic { PHASE(dead) == WAITING && text != BLANK -> verdict = DROP }                         /* RECOVER 1 */
#endif
    :: else ->
        if
#ifndef NO_RECOVER_2
        :: atomic { S > 0 -> verdict = DROP }                                                       /* RECOVER 2 */
#endif
        :: else ->
            d_step {                                                                                /* RECOVER 3 */
                settled = text_stands;
                seen_text = text;
                if
                :: !IS_OWN(seen_text) -> verdict = DROP
                :: else -> verdict = (PHASE(dead) == HELD -> INHERIT : NOT_YET)
                fi
            };
            if
            :: verdict == NOT_YET ->
#ifdef NO_RECOVER_4
                verdict = INHERIT
#else
                d_step {                                                                            /* RECOVER 4 */
#ifdef LATE_CLOCK
                    over_for = (grace_for == 0 -> grace_text : NO_TEXT);
#endif
                    if
                    :: grace_word == dead && grace_text == seen_text ->
                        verdict = (over_for == seen_text -> INHERIT : NOT_YET)
                    :: else ->
                        grace_word = dead; grace_text = seen_text; grace_for = no_text_yet
                    fi
                }
#endif
            :: else
            fi
        fi
    fi;
    over_for = 0
}

/* The post of REAP and UNGET. */
#define POST_IF_TAKEN(how) \
    if \
    :: S > 0 \
    :: else -> \
        d_step { how }; \
        if :: d_step { S > 1 -> S-- } :: else fi \
    fi

proctype Cpp(byte me)
{
    byte round, before, seen, seen_text, settled, over_for;
    mtype verdict;
    {
        if :: me == LAST -> running == 0 && timeout :: else fi;
        if :: me == LAST || me == REAPER :: else -> goto NEXT fi;

REAP:   if :: atomic { IS_DEAD(word) -> seen = word } :: else -> goto REAPED fi;
        judge(seen);
        if
        :: verdict == DROP -> EXCHANGE(seen, FREE, REAPED, REAPED)
        :: verdict == INHERIT -> EXCHANGE(seen, MINE(RELEASING), REAP_POST, REAPED)
        :: verdict == NOT_YET -> goto REAPED
        fi;
REAP_POST:
        POST_IF_TAKEN(post());
        word = FREE;
REAPED: if :: me == LAST :: else -> goto ENDED fi;

        /* Asleep until there is something to do about the word. */
NEXT:   if
        :: word == FREE -> goto ACQUIRE_1
#ifndef NO_ACQUIRE_0
        :: atomic { PHASE(word) == DETACHED && S > 0 -> seen = word }; goto ACQUIRE_0
#endif
        :: atomic { IS_DEAD(word) -> seen = word }; goto RECOVER
        :: TIMEOUTS && me != LAST && word != FREE -> goto ROUND_ENDED
        fi;

ACQUIRE_0:
        EXCHANGE(seen, MINE(WAITING), ACQUIRE_2, NEXT);
ACQUIRE_1:
        EXCHANGE(FREE, MINE(WAITING), ACQUIRE_2, NEXT);
ACQUIRE_2:
#ifdef ACQUIRE_3_BEFORE_2
        if :: S == 0 -> before = text; goto WAIT :: else fi;
#endif
        before = text;
        refA = before;
#if !defined(NO_ACQUIRE_3) && !defined(ACQUIRE_3_BEFORE_2)
ACQUIRE_3:
        atomic { if :: S == 0 -> goto WAIT :: else -> python_since_3 = 0 fi };
#endif
#ifndef NO_ACQUIRE_4
ACQUIRE_4:
        if :: text != before -> goto ACQUIRE_2 :: else fi;
#endif
ACQUIRE_5:
        EXCHANGE(MINE(WAITING), MINE(ACQUIRING), ACQUIRE_6, NEXT);
ACQUIRE_6:
        atomic { if :: S > 0 -> cpp_takes(); in_w2 = in_w2 | BIT(me); goto ACQUIRE_7 :: else fi };
        EXCHANGE(MINE(ACQUIRING), MINE(WAITING), ACQUIRE_2, NEXT);

WAIT:   if
        :: d_step { S > 0 -> cpp_takes(); in_w1 = in_w1 | BIT(me) }    /* glibc's decrement, inside the semaphore */
        :: text != before -> goto ACQUIRE_2                            /* seen after a slice */
        :: TIMEOUTS && me != LAST -> goto TIMEOUT
        fi;
        d_step {
#ifndef NO_BLANK
            text = BLANK;
            text_stands = 0;
#endif
            in_w1 = in_w1 & ~BIT(me)
        };
        EXCHANGE(MINE(WAITING), MINE(ACQUIRING), ACQUIRE_8, CANNOT_BE);

TIMEOUT:
        EXCHANGE(MINE(WAITING), FREE, ROUND_ENDED, ROUND_ENDED);

ACQUIRE_7:
        atomic {
#ifndef NO_BLANK
            text = BLANK;
            text_stands = 0;
#endif
            in_w2 = in_w2 & ~BIT(me)
        };
ACQUIRE_8:
#ifndef NO_ACQUIRE_8
        do :: d_step { S > 0 -> cpp_takes() } :: else -> break od;
#endif
ACQUIRE_9:
        refB = CPP_TEXT(me, round);
ACQUIRE_10:
#ifdef NO_BLANK
        text = HALF_WRITTEN;    /* else it stays BLANK until the last store */
#endif
        d_step { text = CPP_TEXT(me, round); text_stands = 0 };
ACQUIRE_11:
        atomic { word = MINE(HELD); cpp_enters() };

        /* Between get and unget. */
        if
        :: DETACHES && me == 1 -> goto DETACH
        :: else
        fi;

RELEASE_1:
        atomic {
            cpp_inside = cpp_inside & ~BIT(me);
            if :: word == MINE(HELD) -> word = MINE(RELEASING) :: else -> goto ROUND_ENDED fi
        };
RELEASE_2:
        if :: S > 0 -> goto RELEASE_4 :: else fi;
RELEASE_3:
        atomic {
            settled = text_stands;
#ifndef NO_RELEASE_3
            if :: !IS_OWN(text) -> excused = excused || HITS_W4(me); goto RELEASE_4 :: else fi
#endif
        };
        d_step { post() };
RELEASE_4:
        word = FREE;
        goto ROUND_ENDED;

DETACH: atomic {
            cpp_inside = cpp_inside & ~BIT(me);
            if :: word == MINE(HELD) -> word = MINE(DETACHED); excused = 1 :: else fi
        };

ROUND_ENDED:
        atomic { round++; before = 0; seen = 0; seen_text = 0; settled = 0; verdict = 0 };
        if :: round < ROUNDS && me != LAST && !(DETACHES && me == 1) -> goto NEXT :: else -> goto ENDED fi;

RECOVER:
#ifdef COMMIT_FIRST
        EXCHANGE(seen, MINE(ACQUIRING), JUDGE, NEXT);
JUDGE:
#endif
        judge(seen);
#ifdef COMMIT_FIRST
        if
        :: verdict == DROP -> word = MINE(WAITING); goto ACQUIRE_2
        :: d_step { verdict == INHERIT -> must_not_rob() }; goto ACQUIRE_7
        :: verdict == NOT_YET -> grace_for == 0; goto JUDGE
        fi;
#else
        if
        :: verdict == DROP -> EXCHANGE(seen, MINE(WAITING), ACQUIRE_2, NEXT)                        /* RECOVER 5 */
        :: verdict == INHERIT ->
            atomic {
                if
                :: word == seen -> must_not_rob(); word = MINE(ACQUIRING); goto ACQUIRE_7
                :: else -> goto NEXT
                fi
            }
        :: verdict == NOT_YET -> /* asleep until another look has another result */
            if
            :: word != seen || S > 0 || text != seen_text || grace_word != seen || grace_text != seen_text || grace_for == 0
            :: TIMEOUTS && me != LAST -> goto ROUND_ENDED
            fi;
            goto NEXT
        fi;
#endif
CANNOT_BE:
        assert(false);
ENDED:
        atomic {
            if
            :: me == LAST ->
                timeout;
                not_left_free = word != FREE || S != 1;
                assert(!not_left_free)
            :: else -> running--; alive = alive & ~BIT(me)
            fi
        }
    } unless { KILLED }
}
