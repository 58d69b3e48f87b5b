#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/binder.h"
#include "sim/config/document.h"
#include "sim/config/field_lister.h"

namespace mxsim {

/// Binder that fills a struct from a document and collects every fault. A member whose key is
/// absent or faulty keeps its value.
class JsonReader : public Binder {
 public:
  /// `fields`: every key that the struct can have, whatever its choices.
  explicit JsonReader(const Document& document, const std::vector<Field>& fields);

  /// Closes the outermost object and hands over all faults, the document's first.
  std::vector<Diagnostic> finish();

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
  void fault(std::string_view key, std::string message) override;
  void fault(const InputError& error) override;
  bool describing() const override { return false; }
  bool outdated(std::string_view key, std::string_view choice) const override;

 protected:
  void integer_value(const Key& key, std::int64_t& member, IntegerRange range) override;
  void integer_or_word_value(const Key& key, std::string_view word,
                             std::optional<std::int64_t>& member, IntegerRange range) override;
  void choice_index(const Key& key, std::size_t& index,
                    const std::vector<std::string_view>& names) override;
  void enter(const Key& key, Nesting nesting) override;
  void leave() override;
  ListVisit enter_list(const Key& key, std::size_t size, IntegerRange count) override;
  void enter_element(std::size_t index) override;
  MapVisit enter_map(const Key& key, std::vector<std::string> names) override;
  void enter_entry(const std::string& name) override;

 private:
  /// kDeclared: a key that was not asked for is a fault.
  enum class Keys : std::uint8_t { kDeclared, kAny };

  /// An object, array or map being read; `value` is null when it is absent or faulty.
  struct Frame {
    const nlohmann::json* value;
    std::string pointer;
    Keys keys;
    std::vector<std::string> declared;   ///< keys asked for so far
    bool chosen_anew = false;            ///< an override replaced one of its choices
    std::optional<std::size_t> fault{};  ///< place of the one that says it is no object
  };

  const nlohmann::json* find(const Key& key, const std::string& expected);
  void named_sizes(const Key& key, std::map<std::string, std::vector<std::int64_t>>& member,
                   std::map<std::string, std::string>* words);
  const nlohmann::json* find_array(const Key& key, IntegerRange count, const std::string& of);
  std::string pointer_to(std::string_view key) const;
  void report(const std::string& pointer, const nlohmann::json& got, const std::string& expected,
              const Key& key);
  static std::string keys_text(const Frame& frame);
  void open(const nlohmann::json* value, std::string pointer, const std::string& meaning);
  bool integer_at(const nlohmann::json& value, const std::string& pointer, const Key& key,
                  IntegerRange range, std::int64_t& result);
  bool number_at(const nlohmann::json& value, const std::string& pointer, const Key& key,
                 NumberRange range, double& result);

  const Document& document_;
  const std::vector<Field>& fields_;
  std::vector<Diagnostic> faults_;
  std::vector<Frame> frames_;
};

}  // namespace mxsim
