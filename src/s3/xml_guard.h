// A look over an XML document before a parser sees it.
#pragma once

#include <audiostore/error.h>

#include <cstddef>
#include <string_view>

namespace audiostore {

/// Accepts only the plain subset of XML 1.0 that S3 speaks, in time linear in its length: at most `max_bytes` of valid
/// UTF-8, one root element, `max_elements` in all (a page of 1,000 objects has some 8,000; each costs a parser memory),
/// nesting of 16, tags of 1 KiB with 16 attributes, the five predefined entities and character
/// references to characters that XML allows. No DOCTYPE, comment, CDATA or processing instruction but the declaration.
///
/// What is refused is what parsers expand, are slow at, or silently shorten: text that comes back is text as it was
/// sent. Errors: corrupt, with the reason and the position.
Result<void> guard_xml(std::string_view document, std::size_t max_bytes, std::size_t max_elements = 20'000);

}  // namespace audiostore
