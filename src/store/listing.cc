#include "store/listing.h"

#include "core/text.h"

#include <algorithm>

namespace audiostore {
namespace {

// A token is the text from which the next page begins, marked as ours and kept in letters that survive every transport.
constexpr std::string_view token_mark = "from:";

std::string token_for(std::string_view from) { return to_base64(as_bytes(std::string(token_mark).append(from))); }

std::optional<std::string> from_token(std::string_view token) {
  auto text = from_base64(token);
  if (!text || !text->starts_with(token_mark)) return std::nullopt;
  return text->substr(token_mark.size());
}

std::string just_behind(std::string_view key) { return std::string(key) + '\0'; }

/// The first text behind all those that begin with `prefix`, which ends with '/': "a/" -> "a0".
std::string behind_all_of(std::string_view prefix) {
  std::string text(prefix);
  ++text.back();
  return text;
}

}  // namespace

Listing::Listing(const ListOptions& options, std::string from) : options_(options), from_(std::move(from)) {
  if (!options.start_after.empty()) from_ = std::max(from_, just_behind(options.start_after));
  from_ = std::max(from_, options.prefix);
}

Result<Listing> Listing::begin(const ListOptions& options) {
  if (options.continuation_token.empty()) return Listing(options, {});
  auto from = from_token(options.continuation_token);
  if (!from) {
    return Error(ErrorCode::invalid_argument,
                 "the continuation token is not one of this store's; pass on ListPage::next_token as it is");
  }
  return Listing(options, *std::move(from));
}

bool Listing::wants_below(std::string_view text) const noexcept {
  const std::string_view prefix = options_.prefix;
  return (text.starts_with(prefix) || prefix.starts_with(text)) &&
         text >= std::string_view(from_).substr(0, text.size());
}

Listing::Place Listing::place(std::string_view key) {
  if (key < from_ || !key.starts_with(options_.prefix)) return Place::not_wanted;
  const std::size_t count = page_.objects.size() + page_.common_prefixes.size();
  if (count == static_cast<std::size_t>(options_.max_keys)) {
    page_.next_token = token_for(from_);
    return Place::behind_the_page;
  }
  const std::size_t cut = options_.delimiter.empty() ? key.npos : key.find(options_.delimiter, options_.prefix.size());
  if (cut == key.npos) {
    from_ = just_behind(key);
    return Place::object;
  }
  const std::string_view folded = key.substr(0, cut + options_.delimiter.size());
  page_.common_prefixes.emplace_back(folded);
  from_ = behind_all_of(folded);
  return Place::folded;
}

void Listing::add(ObjectSummary object) { page_.objects.push_back(std::move(object)); }

}  // namespace audiostore
