#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {

/// kRequired: leaving the key out is an error. kOptional: the member keeps its default.
enum class Presence : std::uint8_t { kOptional, kRequired };

/// What a key is called and means. `unit` is "" for names and ratios.
struct Key {
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
  Presence presence = Presence::kOptional;
};

/// Inclusive.
struct IntegerRange {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

/// Inclusive.
struct NumberRange {
  double low = 0;
  double high = std::numeric_limits<double>::max();
};

/// Name of one value of an enumeration in a file.
template <class Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

/// Visits the keys of a configuration struct. Every struct declares its keys once, in a free
/// function
///
///   void bind(Binder& b, ArraySpec& s) {
///     b.integer({"rows", "PE", "PE rows", Presence::kRequired}, s.rows, {1, 1024});
///     b.choice({"accumulator", "", "how products are added"}, s.accumulator, kAccumulatorNames);
///   }
///
/// found by argument-dependent lookup. The declaration serves JsonReader (text to struct: types,
/// ranges, missing and unknown keys) and FieldLister (describe, JSON Schema, canonical text).
/// A key that depends on another (attributes of a layer kind) is declared under `if`, after that
/// one; when describing() is true no file is read, every variant should be declared, and values
/// must not change.
class Binder {
 public:
  virtual ~Binder() = default;

  /// Any integer type or integer Quantity.
  template <class T>
  void integer(const Key& key, T& member, IntegerRange range = {});
  /// An integer, or the word that stands for no value.
  template <class T>
  void integer_or_word(const Key& key, std::string_view word, std::optional<T>& member,
                       IntegerRange range = {});
  virtual void number(const Key& key, double& member, NumberRange range = {}) = 0;
  virtual void text(const Key& key, std::string& member) = 0;
  /// A text that has to be one of `names` (a table that grows, such as formats).
  virtual void one_of(const Key& key, std::string& member,
                      const std::vector<std::string>& names) = 0;
  virtual void flag(const Key& key, bool& member) = 0;
  /// The name of a file that is not part of the configuration, relative to the file it stands in;
  /// the member becomes its path. Only readability is checked.
  virtual void file(const Key& key, std::string& member) = 0;
  template <class Enum, std::size_t N>
  void choice(const Key& key, Enum& member, const std::array<Choice<Enum>, N>& choices);

  /// Arrays of plain values; `count` bounds their length.
  virtual void integers(const Key& key, std::vector<std::int64_t>& member, IntegerRange each,
                        IntegerRange count) = 0;
  /// Each an integer, or a word of the user's own choice: `words` is as long as `member` and holds
  /// "" for integers.
  virtual void integers_or_words(const Key& key, std::vector<std::int64_t>& member,
                                 std::vector<std::string>& words, IntegerRange each,
                                 IntegerRange count) = 0;
  virtual void numbers(const Key& key, std::vector<double>& member, NumberRange each,
                       IntegerRange count) = 0;
  virtual void texts(const Key& key, std::vector<std::string>& member, IntegerRange count) = 0;
  /// An array of any values, each kept as JSON text.
  virtual void values(const Key& key, std::vector<std::string>& member, IntegerRange count) = 0;
  /// An object with keys of the user's own choice and any values, each kept as JSON text.
  virtual void named_values(const Key& key, std::map<std::string, std::string>& member) = 0;
  /// An object with keys of the user's own choice and integers, short lists of them, or true (1)
  /// and false (0) as values.
  virtual void named_integers(const Key& key,
                              std::map<std::string, std::vector<std::int64_t>>& member) = 0;
  /// The same; a value may also be a word of the user's own choice, which goes to `words`.
  virtual void named_integers_or_words(const Key& key,
                                       std::map<std::string, std::vector<std::int64_t>>& member,
                                       std::map<std::string, std::string>& words) = 0;

  /// A nested object.
  template <class T>
  void section(const Key& key, T& member);
  /// A nested object, or a string that names the file holding it, relative to the file it stands
  /// in.
  template <class T>
  void reference(const Key& key, T& member);
  /// An array of objects.
  template <class T>
  void list(const Key& key, std::vector<T>& member, IntegerRange count = {});
  /// An object whose keys are names of the user's own choice.
  template <class T>
  void map(const Key& key, std::map<std::string, T>& member);

  /// Reports a fault at `key` of the object being read ("": the object itself). Ignored when
  /// describing. For rules across keys of one object; rules across objects belong into validate().
  virtual void fault(std::string_view key, std::string message) = 0;
  /// Reports the faults of a file that the object names.
  virtual void fault(const InputError& error) = 0;
  virtual bool describing() const = 0;
  /// The user chose `choice` of the object being read anew, with --set or in a sweep, and left
  /// `key` as its file has it: a key that the new choice does not use is left out, no fault.
  /// Undeclared keys of other choices are left out without being asked for.
  virtual bool outdated(std::string_view key, std::string_view choice) const = 0;

 protected:
  enum class Nesting : std::uint8_t { kObject, kReference };
  /// What a visit finds in a list or map: the elements the member holds, or new ones.
  enum class Elements : std::uint8_t { kHeld, kNew };
  struct ListVisit {
    Elements elements;
    std::size_t size;
  };
  struct MapVisit {
    Elements elements;
    std::vector<std::string> names;
  };

  virtual void integer_value(const Key& key, std::int64_t& member, IntegerRange range) = 0;
  virtual void integer_or_word_value(const Key& key, std::string_view word,
                                     std::optional<std::int64_t>& member, IntegerRange range) = 0;
  virtual void choice_index(const Key& key, std::size_t& index,
                            const std::vector<std::string_view>& names) = 0;
  virtual void enter(const Key& key, Nesting nesting) = 0;
  virtual void leave() = 0;
  /// `size`: number of elements the member holds.
  virtual ListVisit enter_list(const Key& key, std::size_t size, IntegerRange count) = 0;
  virtual void enter_element(std::size_t index) = 0;
  /// `names`: those the member holds.
  virtual MapVisit enter_map(const Key& key, std::vector<std::string> names) = 0;
  virtual void enter_entry(const std::string& name) = 0;
};

template <class T>
void Binder::integer(const Key& key, T& member, IntegerRange range) {
  if constexpr (std::integral<T>) {
    auto value = static_cast<std::int64_t>(member);
    integer_value(key, value, range);
    member = static_cast<T>(value);
  } else {
    std::int64_t value = member.count();
    integer_value(key, value, range);
    member = T(value);
  }
}

template <class T>
void Binder::integer_or_word(const Key& key, std::string_view word, std::optional<T>& member,
                             IntegerRange range) {
  std::optional<std::int64_t> value;
  if (member) value = member->count();
  integer_or_word_value(key, word, value, range);
  member.reset();
  if (value) member = T(*value);
}

template <class Enum, std::size_t N>
void Binder::choice(const Key& key, Enum& member, const std::array<Choice<Enum>, N>& choices) {
  std::vector<std::string_view> names;
  std::size_t index = N;
  for (std::size_t i = 0; i < N; ++i) {
    names.push_back(choices[i].name);
    if (choices[i].value == member) index = i;
  }
  ensure(index < N, "a default that its table of choices does not name");
  choice_index(key, index, names);
  member = choices[index].value;
}

template <class T>
void Binder::section(const Key& key, T& member) {
  enter(key, Nesting::kObject);
  bind(*this, member);
  leave();
}

template <class T>
void Binder::reference(const Key& key, T& member) {
  enter(key, Nesting::kReference);
  bind(*this, member);
  leave();
}

template <class T>
void Binder::list(const Key& key, std::vector<T>& member, IntegerRange count) {
  const ListVisit visit = enter_list(key, member.size(), count);
  if (visit.elements == Elements::kNew) member.assign(visit.size, T{});
  for (std::size_t i = 0; i < visit.size; ++i) {
    enter_element(i);
    bind(*this, member[i]);
    leave();
  }
  leave();
}

template <class T>
void Binder::map(const Key& key, std::map<std::string, T>& member) {
  std::vector<std::string> names;
  for (const auto& [name, value] : member) names.push_back(name);
  const MapVisit visit = enter_map(key, names);
  if (visit.elements == Elements::kNew) member.clear();
  for (const std::string& name : visit.names) {
    enter_entry(name);
    bind(*this, member[name]);
    leave();
  }
  leave();
}

}  // namespace mxsim
