#include "core/crypto.h"
#include "core/dates.h"
#include "core/text.h"
#include "local/bucket_settings.h"
#include "local/s3_error.h"
#include "local/settings_xml.h"
#include "local/xml_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <set>

namespace audiostore::local {
namespace {

constexpr std::size_t max_rules = 1000;
constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
constexpr std::size_t max_id_bytes = 255;
constexpr std::array<std::string_view, 6> colder_classes{"STANDARD_IA", "ONEZONE_IA",   "INTELLIGENT_TIERING",
                                                         "GLACIER",     "DEEP_ARCHIVE", "GLACIER_IR"};

Error invalid(std::string_view what) { return s3_error(S3Code::invalid_request, what); }

/// Exactly one of these children.
Result<void> check_choice(const XmlNode& node, std::initializer_list<std::string_view> names) {
  const auto is_one = [&](const XmlNode& child) { return std::ranges::find(names, child.name) != names.end(); };
  return std::ranges::count_if(node.children, is_one) == 1 ? Result<void>() : malformed_element(node);
}

Result<void> check_tag(const XmlNode& tag) {
  auto checked = check_children(tag, {{"Key", 1}, {"Value", 1}});
  return std::move(checked).and_then([&] { return check_text(*tag.child("Key")); }).and_then([&] {
    return check_text(*tag.child("Value"));
  });
}

/// What a <Filter> and an <And> can hold.
Result<void> check_predicates(const XmlNode& node) {
  for (const std::string_view size : {"ObjectSizeGreaterThan", "ObjectSizeLessThan"}) {
    const XmlNode* child = node.child(size);
    if (child != nullptr && (!child->children.empty() || !parse_decimal(child->text))) return malformed_element(*child);
  }
  for (const XmlNode& child : node.children) {
    auto checked = child.name == "Tag" ? check_tag(child) : child.name == "Prefix" ? check_text(child) : Result<void>();
    if (!checked) return checked;
  }
  return {};
}

Result<void> check_filter(const XmlNode& filter) {
  auto checked =
      check_children(filter, {{"Prefix"}, {"Tag"}, {"And"}, {"ObjectSizeGreaterThan"}, {"ObjectSizeLessThan"}});
  if (!checked) return checked;
  if (filter.children.size() > 1) return malformed_element(filter);
  const XmlNode* both = filter.child("And");
  if (both == nullptr) return check_predicates(filter);
  checked = check_children(*both, {{"Prefix"}, {"Tag", 0, any}, {"ObjectSizeGreaterThan"}, {"ObjectSizeLessThan"}});
  if (!checked) return checked;
  return both->children.size() < 2 ? malformed_element(*both) : check_predicates(*both);
}

/// A day's beginning, as S3 has it. Errors: InvalidArgument.
Result<void> check_date(const XmlNode& node) {
  const XmlNode* child = node.child("Date");
  if (child == nullptr) return {};
  const auto date = parse_iso_date(child->text);
  if (date && std::chrono::floor<std::chrono::days>(*date) == *date) return {};
  return s3_error(S3Code::invalid_argument, "'Date' must be at midnight GMT.");
}

Result<void> check_expiration(const XmlNode& node) {
  auto checked = check_children(node, {{"Days"}, {"Date"}, {"ExpiredObjectDeleteMarker"}})
                     .and_then([&] {
                       return check_choice(node, {"Days", "Date", "ExpiredObjectDeleteMarker"});
                     })
                     .and_then([&] { return check_date(node); });
  if (!checked) return checked;
  const XmlNode* marker = node.child("ExpiredObjectDeleteMarker");
  if (marker != nullptr && marker->text != "true" && marker->text != "false") return malformed_element(*marker);
  return number_in(node, "Days", 1).transform([](auto) {});
}

Result<void> check_class(const XmlNode& node) {
  const XmlNode* name = node.child("StorageClass");
  const bool known = std::ranges::find(colder_classes, name->text) != colder_classes.end();
  return known ? Result<void>() : malformed_element(*name);
}

Result<void> check_transition(const XmlNode& node) {
  return check_children(node, {{"Days"}, {"Date"}, {"StorageClass", 1}})
      .and_then([&] {
        return check_choice(node, {"Days", "Date"});
      })
      .and_then([&] { return check_date(node); })
      .and_then([&] { return check_class(node); })
      .and_then([&] { return number_in(node, "Days", 0).transform([](auto) {}); });
}

Result<void> check_noncurrent(const XmlNode& node) {
  const bool moves = node.name == "NoncurrentVersionTransition";
  auto checked = moves ? check_children(node, {{"NoncurrentDays", 1}, {"NewerNoncurrentVersions"}, {"StorageClass", 1}})
                       : check_children(node, {{"NoncurrentDays", 1}, {"NewerNoncurrentVersions"}});
  if (checked && moves) checked = check_class(node);
  return std::move(checked)
      .and_then([&] { return number_in(node, "NoncurrentDays", moves ? 0 : 1).transform([](auto) {}); })
      .and_then([&] { return number_in(node, "NewerNoncurrentVersions", 1).transform([](auto) {}); });
}

Result<void> check_abort(const XmlNode& node, const XmlNode& rule) {
  auto checked = check_children(node, {{"DaysAfterInitiation", 1}});
  if (!checked) return checked;
  const XmlNode* filter = rule.child("Filter");
  const bool by_prefix = filter == nullptr || filter->children.empty() || filter->child("Prefix") != nullptr;
  if (!by_prefix) return invalid("AbortIncompleteMultipartUpload cannot be specified with tags or sizes.");
  return number_in(node, "DaysAfterInitiation", 1).transform([](auto) {});
}

using Check = Result<void> (*)(const XmlNode&);
struct Action {
  std::string_view name;
  Check check;
};
constexpr std::array<Action, 4> actions{{{"Expiration", check_expiration},
                                         {"Transition", check_transition},
                                         {"NoncurrentVersionExpiration", check_noncurrent},
                                         {"NoncurrentVersionTransition", check_noncurrent}}};

Result<void> check_actions(const XmlNode& rule) {
  const XmlNode* abort = rule.child("AbortIncompleteMultipartUpload");
  bool does_something = abort != nullptr;
  if (abort != nullptr) {
    if (auto checked = check_abort(*abort, rule); !checked) return checked;
  }
  for (const XmlNode& child : rule.children) {
    const auto action = std::ranges::find(actions, child.name, &Action::name);
    if (action == actions.end()) continue;
    if (auto checked = action->check(child); !checked) return checked;
    does_something = true;
  }
  return does_something ? Result<void>() : invalid("At least one action needs to be specified in a rule.");
}

Result<void> check_rule(const XmlNode& rule) {
  auto checked = check_children(rule, {{"ID"},
                                       {"Prefix"},
                                       {"Filter"},
                                       {"Status", 1},
                                       {"Expiration"},
                                       {"Transition", 0, any},
                                       {"NoncurrentVersionExpiration"},
                                       {"NoncurrentVersionTransition", 0, any},
                                       {"AbortIncompleteMultipartUpload"}});
  if (checked) checked = check_choice(rule, {"Prefix", "Filter"});
  if (!checked) return checked;
  for (const std::string_view name : {"ID", "Prefix", "Status"}) {
    const XmlNode* child = rule.child(name);
    if (child == nullptr) continue;
    if (auto text = check_text(*child); !text) return text;
  }
  const std::string_view status = rule.text_of("Status");
  if (status != "Enabled" && status != "Disabled") return malformed_element(*rule.child("Status"));
  const XmlNode* filter = rule.child("Filter");
  checked = filter == nullptr ? Result<void>() : check_filter(*filter);
  return std::move(checked).and_then([&] { return check_actions(rule); });
}

/// Every rule has an ID of its own; S3 makes one where there is none.
Result<void> give_ids(XmlNode& document) {
  std::set<std::string, std::less<>> ids;
  for (XmlNode& rule : document.children) {
    if (rule.text_of("ID").empty()) {
      auto id = random_hex(16);
      if (!id) return std::move(id).error();
      std::erase_if(rule.children, [](const XmlNode& child) { return child.name == "ID"; });
      rule.children.insert(rule.children.begin(), {.name = "ID", .text = std::move(*id)});
    }
    const std::string_view id = rule.text_of("ID");
    if (id.size() > max_id_bytes) {
      return s3_error(S3Code::invalid_argument, "The ID of a rule has more than 255 characters.");
    }
    if (!ids.emplace(id).second) return s3_error(S3Code::invalid_argument, "Rule ID must be unique.");
  }
  return {};
}

void write_node(XmlWriter& xml, const XmlNode& node) {
  for (const XmlNode& child : node.children) {
    if (child.children.empty()) {
      xml.text(child.name, child.text);
    } else {
      xml.open(child.name);
      write_node(xml, child);
      xml.close();
    }
  }
}

}  // namespace

Result<XmlNode> read_lifecycle_settings(std::string_view xml) {
  auto document = parse_settings(xml, "LifecycleConfiguration");
  if (!document) return document;
  auto checked = check_children(*document, {{"Rule", 1, max_rules}});
  if (!checked) return std::move(checked).error();
  for (const XmlNode& rule : document->children) {
    if (checked = check_rule(rule); !checked) return std::move(checked).error();
  }
  return give_ids(*document).transform([&] { return std::move(*document); });
}

std::string write_settings(const XmlNode& document) {
  XmlWriter xml(document.name);
  write_node(xml, document);
  return xml.finish();
}

}  // namespace audiostore::local
