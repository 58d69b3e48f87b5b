#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/binder.h"

namespace mxsim {

enum class FieldKind : std::uint8_t {
  kInteger,
  kIntegerOrWord,
  kNumber,
  kText,
  kChoice,
  kFlag,
  kFile,
  kIntegers,
  kIntegersOrWords,
  kNumbers,
  kTexts,
  kObject,
  kReference,  ///< an object or the name of a file that holds it
  kList,
  kMap,
  kNamedIntegers,
  kNamedIntegersOrWords,
  kValues,
  kNamedValues,
};

/// One key of a configuration as it was declared.
struct Field {
  std::string pointer;  ///< "*" stands for every element of a list or map
  FieldKind kind = FieldKind::kObject;
  std::string unit;
  std::string meaning;
  Presence presence = Presence::kOptional;
  std::string value;  ///< as JSON text; "" for objects, lists and what is empty
  IntegerRange integer_range;
  NumberRange number_range;
  IntegerRange count;                ///< number of elements of an array
  std::vector<std::string> choices;  ///< values of kChoice; the word of kIntegerOrWord
};

std::string type_text(const Field& field);   ///< "integer", "array of numbers"
std::string range_text(const Field& field);  ///< "1..1024", "ws, os, is", ""

/// Binder that writes down the declarations and the values a struct holds, and changes nothing in
/// it but lists. kShape: every list and map is visited once, as element "*"; kContent: as filled.
class FieldLister : public Binder {
 public:
  enum class Mode : std::uint8_t { kShape, kContent };

  explicit FieldLister(Mode mode) : mode_(mode) {}

  const std::vector<Field>& fields() const { return fields_; }

  void number(const Key& key, double& member, NumberRange range) override;
  void text(const Key& key, std::string& member) override;
  void one_of(const Key& key, std::string& member, const std::vector<std::string>& names) override;
  void flag(const Key& key, bool& member) override;
  void file(const Key& key, std::string& member) override;
  void integers(const Key& key, std::vector<std::int64_t>& member, IntegerRange each,
                IntegerRange count) override;
  void integers_or_words(const Key& key, std::vector<std::int64_t>& member,
                         std::vector<std::string>& words, IntegerRange each,
                         IntegerRange count) override;
  void numbers(const Key& key, std::vector<double>& member, NumberRange each,
               IntegerRange count) override;
  void texts(const Key& key, std::vector<std::string>& member, IntegerRange count) override;
  void values(const Key& key, std::vector<std::string>& member, IntegerRange count) override;
  void named_values(const Key& key, std::map<std::string, std::string>& member) override;
  void named_integers(const Key& key,
                      std::map<std::string, std::vector<std::int64_t>>& member) override;
  void named_integers_or_words(const Key& key,
                               std::map<std::string, std::vector<std::int64_t>>& member,
                               std::map<std::string, std::string>& words) override;
  void fault(std::string_view, std::string) override {}
  void fault(const InputError&) override {}
  bool describing() const override { return true; }
  bool outdated(std::string_view, std::string_view) const override { return false; }

 protected:
  void integer_value(const Key& key, std::int64_t& member, IntegerRange range) override;
  void integer_or_word_value(const Key& key, std::string_view word,
                             std::optional<std::int64_t>& member, IntegerRange range) override;
  void choice_index(const Key& key, std::size_t& index,
                    const std::vector<std::string_view>& names) override;
  void enter(const Key& key, Nesting nesting) override;
  void leave() override { path_.pop_back(); }
  ListVisit enter_list(const Key& key, std::size_t size, IntegerRange count) override;
  void enter_element(std::size_t index) override;
  MapVisit enter_map(const Key& key, std::vector<std::string> names) override;
  void enter_entry(const std::string& name) override;

 private:
  /// A new row, or one to be thrown away when the key was declared before (variants of a kind).
  Field& add(const Key& key, FieldKind kind, std::string value);
  std::string pointer_to(std::string_view name) const;

  Mode mode_;
  std::vector<Field> fields_;
  std::set<std::string> seen_;
  Field repeated_;
  std::vector<std::string> path_;
};

/// Every key of T with the values of a default-constructed T.
template <class T>
std::vector<Field> describe_fields() {
  const auto value = std::make_unique<T>();
  FieldLister lister(FieldLister::Mode::kShape);
  bind(lister, *value);
  return lister.fields();
}

/// One line `pointer=value` for every key of `value`: equal texts mean equal configurations.
std::string canonical_text(const std::vector<Field>& fields);

template <class T>
std::string canonical_text(T value) {
  FieldLister lister(FieldLister::Mode::kContent);
  bind(lister, value);
  return canonical_text(lister.fields());
}

}  // namespace mxsim
