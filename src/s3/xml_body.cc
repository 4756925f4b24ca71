#include "s3/xml_body.h"

#include "core/crypto.h"
#include "core/text.h"

namespace audiostore {

void set_xml_body(S3Request& request, std::string xml) {
  request.headers.push_back({"Content-Type", "application/xml"});
  request.headers.push_back({"Content-MD5", to_base64(md5(as_bytes(xml)))});
  request.payload_hash = to_hex(sha256(xml));
  request.body = Payload::from_string(std::move(xml));
}

}  // namespace audiostore
