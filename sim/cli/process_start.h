#pragma once

namespace mxsim {

/// What the program does before anything else: descriptors 0 to 2 that were closed are reserved, so
/// that no file takes their place (using them fails as before); a reader that goes away and a limit
/// on the size of files show as failed writes; signals end the program without leaving temporary
/// files.
void start_process();

}  // namespace mxsim
