/* How C++ and Python programs share one lock: a model of docs/protocol.md for SPIN. docs/model.md says what it shows.
 *
 * This file has what they share and starts them; cpp.pml and others.pml have the programs. Labels are the names of the
 * protocol's steps. Every statement, and every atomic or d_step, is one step of the real program: one load, store,
 * compare-exchange or semaphore operation. What stands beside it in the same step is a local variable or a ghost: it is
 * used by assertions and excuses and decides nothing.
 *
 * All loops wait for a change that somebody else makes, and everybody does a bounded number of rounds, so nothing runs
 * for ever: if SPIN finds no invalid end state, everybody who waits is granted the lock, however the steps fall.
 *
 * How many of each; tests/model/run sets them: */
#ifndef CPP
#define CPP 2           /* C++ programs that want the lock, at most 3 */
#endif
#ifndef ROUNDS
#define ROUNDS 1        /* how often each of them, at most 2 */
#endif
#ifndef PYTHON
#define PYTHON 0        /* Python programs that want the lock, at most 2 */
#endif
#ifndef PYTHON_ROUNDS
#define PYTHON_ROUNDS 1
#endif
#ifndef KILLS
#define KILLS 1         /* how many C++ programs get a SIGKILL, at most; between any two steps */
#endif
#ifndef REAPERS
#define REAPERS 0       /* C++ programs that only open the lock: REAP; 0 or 1 */
#endif
#ifndef PYTHON_FORCE
#define PYTHON_FORCE 0  /* forced ungets by a Python program */
#endif
#ifndef UNGETS
#define UNGETS 0        /* forced ungets by C++ programs, at most 2 */
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 0      /* 1: every wait may time out */
#endif
#ifndef DETACHES
#define DETACHES 0      /* 1: the first C++ program ends with DETACH instead of RELEASE */
#endif

/* The tokens of the C++ programs, also their bits in sets: bidders 1 to 3, and */
#define REAPER 4
#define UNGET_1 5
#define UNGET_2 6
#define USER 0          /* the forced unget that ends W1, W2, W4 and DETACHED */
#define LAST 7          /* the next program to open the lock */
#define BIT(who) (1 << (who))

/* ---- what they share ------------------------------------------------------------------------------------------------ */

#define FREE 0
#define WAITING 1
#define ACQUIRING 2
#define HELD 3
#define RELEASING 4
#define DETACHED 5
#define WORD(phase, who) ((phase) * 8 + (who))
#define PHASE(word) ((word) >> 3)
#define WHO(word) ((word) & 7)
byte word = FREE;

byte S = 1;

#define EMPTY 0         /* a new segment */
#define BLANK 1
#define HALF_WRITTEN 2
#define NO_TEXT 255
#define CPP_TEXT(who, round) (16 + (who) * 2 + (round))
#define PYTHON_TEXT(who, round) (64 + (who) * 16 + (round) * 2)
byte text = EMPTY, refA = EMPTY, refB = EMPTY;

byte grace_word, grace_text;
byte grace_for;         /* stands for the clock: whoever had the unit, but no text yet, when the grace began and still is so;
                           250 ms are over when there is nobody */
byte unget_lock;        /* the byte lock of UNGET: who has it */

byte alive;             /* the witness of life */
#define IS_DEAD(w) (PHASE(w) != FREE && PHASE(w) != DETACHED && !(alive & BIT(WHO(w))))
#define IS_OWN(t) ((t) == refB || (t) == refA || (t) == BLANK)

/* ---- ghosts --------------------------------------------------------------------------------------------------------- */

bit cpp_unit;           /* the unit is with the C++ programs, living or dead */
byte python_units;      /* the Python programs that have it */
byte no_text_yet;       /* the Python programs between decrement and text */
byte text_stands;       /* those that have it, and no C++ program has written over their text */
byte cpp_inside, python_inside; /* who is between get and unget */
bit forced;             /* there was a forced unget */
bit excused;            /* the lock stays taken until somebody's forced unget, and the documentation says so */
byte in_w1, in_w2;      /* who has decremented and not yet written BLANK, in WAIT and after ACQUIRE 6 */
bit python_since_3;     /* a Python program has decremented since the owner's ACQUIRE 3 */
byte running, kills;

/* What the assertions look at; a name tells which claim broke. */
hidden byte robbed, two_inside, units_wrong, not_left_free;

inline check_units()    /* while nobody uses force, there is one unit, and one place where it is */
{
    units_wrong = !forced && S + cpp_unit + (python_units >> 1 & 1) + (python_units >> 2 & 1) != 1;
    assert(!units_wrong)
}

inline cpp_takes() { S--; cpp_unit = 1; excused = 0; check_units() }

inline python_takes()
{
    S--; python_units = python_units | BIT(me); no_text_yet = no_text_yet | BIT(me); python_since_3 = 1; excused = 0;
    check_units()
}

/* A C++ program acts as the owner of the unit, having looked at the text before. No Python program may have the unit then.
 * W3: after a forced unget it may, if its text did not stand there when we looked: not written yet, or overwritten by a C++
 * program that was between ACQUIRE 6 and 10 during the forced unget. */
inline must_not_rob()
{
#ifdef NO_EXCUSE_W3
    robbed = python_units != 0;
#else
    robbed = (python_units & (forced -> settled : 255)) != 0;
#endif
    assert(!robbed);
    python_units = 0; text_stands = 0; settled = 0
}

inline post() { must_not_rob(); cpp_unit = 0; S++; check_units() }

inline post_by_force(is_user)
{
    if :: S == 0 -> cpp_unit = 0; python_units = 0; text_stands = 0 :: else fi;
    S++;
    forced = forced || !(is_user)
}

inline cpp_enters()
{
    two_inside = cpp_inside || (python_inside && !forced);
    assert(!two_inside);
    cpp_inside = cpp_inside | BIT(me)
}

inline python_enters()
{
    two_inside = (cpp_inside || python_inside) && !forced;
    assert(!two_inside);
    python_inside = python_inside | BIT(me)
}

#ifdef NO_EXCUSE_W1
#define HITS_W1(who) 0
#else
#define HITS_W1(who) (in_w1 & BIT(who) && text != BLANK)
#endif
#ifdef NO_EXCUSE_W2
#define HITS_W2(who) 0
#else
#define HITS_W2(who) (in_w2 & BIT(who) && text != refA && python_since_3)
#endif

/* W4: after a forced unget, somebody's Python text stands over the owner's; the owner then dies, or does not post. */
#ifdef NO_EXCUSE_W4
#define HITS_W4(who) 0
#define LATE_TEXT 0
#else
#define HITS_W4(who) (forced && cpp_unit && WHO(word) == (who) && PHASE(word) != WAITING && !IS_OWN(text))
#define LATE_TEXT cpp_unit
#endif

/* ---- SIGKILL -------------------------------------------------------------------------------------------------------- */

/* The kernel ends the witness of life and the byte lock. */
inline kill(who)
{
    d_step {
        kills < KILLS && alive & BIT(who) ->
        kills++;
        running--;
        alive = alive & ~BIT(who);
        if :: unget_lock == who -> unget_lock = 0 :: else fi;
        if :: HITS_W1(who) || HITS_W2(who) || HITS_W4(who) -> excused = 1 :: else fi;
        cpp_inside = cpp_inside & ~BIT(who);
        in_w1 = in_w1 & ~BIT(who);
        in_w2 = in_w2 & ~BIT(who)
    }
}

#define KILLED !(alive & BIT(me))

proctype Sigkill()
{
end:
    do
    :: kill(1)
    :: kill(2)
    :: kill(3)
    :: kill(REAPER)
    :: kill(UNGET_1)
    :: kill(UNGET_2)
    :: d_step { excused && kills < KILLS -> kills = KILLS } /* no more: the user comes when nobody else can do anything */
    od
}

#include "cpp.pml"
#include "others.pml"

init {
    atomic {
        running = CPP + REAPERS + UNGETS;
        alive = BIT(USER) | BIT(LAST);
        if :: KILLS > 0 -> run Sigkill() :: else fi;
        run Unget(USER);
        run Cpp(LAST);
        if :: REAPERS > 0 -> alive = alive | BIT(REAPER); run Cpp(REAPER) :: else fi;
        if :: UNGETS > 0 -> alive = alive | BIT(UNGET_1); run Unget(UNGET_1) :: else fi;
        if :: UNGETS > 1 -> alive = alive | BIT(UNGET_2); run Unget(UNGET_2) :: else fi;
        if :: PYTHON > 0 -> run Python(1) :: else fi;
        if :: PYTHON > 1 -> run Python(2) :: else fi;
        if :: PYTHON_FORCE > 0 -> run Python_force() :: else fi;
        if :: CPP > 2 -> alive = alive | BIT(3); run Cpp(3) :: else fi;
        if :: CPP > 1 -> alive = alive | BIT(2); run Cpp(2) :: else fi;
        if :: CPP > 0 -> alive = alive | BIT(1); run Cpp(1) :: else fi
    }
}
