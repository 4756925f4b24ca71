// Which addresses may be asked for credentials.
#pragma once

#include <audiostore/error.h>

#include <string_view>

namespace audiostore {

/// True when `authority` ("host" or "host:port") is this machine: "localhost" or a loopback address in its usual form.
bool is_loopback_authority(std::string_view authority);

/// Refuses what credentials must not be fetched from: anything but https, unless the host is this machine or one of the
/// addresses on which ECS and EKS serve them (169.254.170.2, 169.254.170.23, fd00:ec2::23).
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
/// Errors: invalid_argument, without the URL's path and query.
Result<void> check_container_url(std::string_view url);

}  // namespace audiostore
