#pragma once

namespace mxsim {

/// The user asked to stop; finished work is kept.
struct Interrupted {};

/// From now on SIGINT, SIGTERM and SIGHUP remove temporary files and end the program with exit
/// code 1. A signal that the program was started to ignore stays ignored.
void end_on_interrupt();

/// From now on the first of these signals is noted, so that work can stop between two pieces. The
/// program ends as above, after `message`, when check_interrupt() is not called within a second, or
/// at a second signal. `message` lives on.
void note_interrupts(const char* message);

/// Throws Interrupted after a noted signal; nothing is at stake from then on but the time that the
/// rest of the command takes.
void check_interrupt();

}  // namespace mxsim
