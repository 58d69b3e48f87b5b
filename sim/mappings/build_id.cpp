#include "sim/mappings/build_id.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstring>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {
namespace {

constexpr std::int64_t kNoteAlignment = 4;

/// Of the notes in [at, end).
std::string id_in(const char* at, const char* end) {
  while (at + sizeof(ElfW(Nhdr)) <= end) {
    ElfW(Nhdr) note{};
    std::memcpy(&note, at, sizeof note);
    const char* const name = at + sizeof note;
    const char* const content = name + round_up(note.n_namesz, kNoteAlignment);
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
        std::memcmp(name, "GNU", sizeof "GNU") == 0) {
      std::string digits;
      for (ElfW(Word) i = 0; i < note.n_descsz; ++i) {
        digits += fmt::format("{:02x}", static_cast<unsigned char>(content[i]));
      }
      return digits;
    }
    at = content + round_up(note.n_descsz, kNoteAlignment);
  }
  return "";
}

/// The program is the first of the objects that are visited.
int visit_program(dl_phdr_info* object, std::size_t, void* result) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    const auto* const begin = reinterpret_cast<const char*>(object->dlpi_addr + part.p_vaddr);
    std::string id = id_in(begin, begin + part.p_memsz);
    if (id.empty()) continue;
    *static_cast<std::string*>(result) = std::move(id);
    break;
  }
  return 1;
}

}  // namespace

std::string build_id() {
  std::string id;
  dl_iterate_phdr(visit_program, &id);
  ensure(!id.empty(), "a program that was linked with a build id");
  return id;
}

}  // namespace mxsim
