// A request that carries an XML document.
#pragma once

#include "s3/s3_client.h"

#include <string>

namespace audiostore {

/// Gives `request` the document as its body, with the digests by which services check it: AWS wants Content-MD5 with
/// those that change a bucket's settings or remove many objects.
void set_xml_body(S3Request& request, std::string xml);

}  // namespace audiostore
