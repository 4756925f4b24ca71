// What STS answers.
#pragma once

#include <string>

namespace audiostore {

inline std::string sts_reply(const std::string& action, const std::string& id) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <" + action +
         "Result>\n    <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/takes/s</Arn></AssumedRoleUser>\n"
         "    <Credentials><AccessKeyId>" +
         id +
         "</AccessKeyId><SecretAccessKey>role/s3cr3t</SecretAccessKey><SessionToken>role-t0ken==</SessionToken>"
         "<Expiration>2013-05-24T01:00:00Z</Expiration></Credentials>\n  </" +
         action + "Result>\n  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\n</" + action + "Response>";
}

inline std::string sts_error(const std::string& code, const std::string& message) {
  return "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>" + code +
         "</Code><Message>" + message + "</Message></Error><RequestId>sts-request</RequestId></ErrorResponse>";
}

}  // namespace audiostore
