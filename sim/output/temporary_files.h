#pragma once

namespace mxsim {

/// Paths that an end by a signal removes. A path stays valid until it is forgotten.
void note_temporary(const char* path);
void forget_temporary(const char* path);

/// Removes the noted files; may be called in a signal handler.
void remove_temporaries();

}  // namespace mxsim
