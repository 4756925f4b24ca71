// A request as it came over the wire, taken apart without losing what its signature depends on.
#pragma once

#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore::local {

/// The request line and the header fields.
struct RequestHead {
  std::string method;
  std::string target;  ///< byte for byte as sent, e.g. "/bucket/a%20b?prefix=x"
  bool http_1_0 = false;
  Headers headers = {};  ///< names as sent; values trimmed; fields of one name joined with ',' (RFC 9110, section 5.3)
};

/// Reads a request's head: everything up to the empty line, without that line. Strict where a lenient reading could
/// make two readers see two requests (RFC 9112, section 2.2 and 5): no bare LF, no folded lines, no blank before a
/// colon, no second Host or Content-Length.
/// Errors: invalid_argument, as an S3 error.
Result<RequestHead> parse_request_head(std::string_view bytes);

struct QueryParameter {
  std::string name;
  std::string value;  ///< empty also where there was no '='

  friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

/// A request target, percent-decoded exactly once.
struct WireTarget {
  std::string path;  ///< with its leading '/'
  std::vector<QueryParameter> query;
};

/// Takes a target in origin form apart. A '+' in the query is a blank, as S3 has it; in the path it is refused, since
/// S3 and RFC 3986 disagree about which key is meant. A parameter that is given twice is refused: two readers could
/// take two values. Errors: invalid_argument (S3's InvalidURI, InvalidArgument).
Result<WireTarget> parse_target(std::string_view target);

/// The value of the first parameter called `name`; nullopt where there is none. The view lives as long as `query`.
std::optional<std::string_view> find_parameter(const std::vector<QueryParameter>& query, std::string_view name);

}  // namespace audiostore::local
