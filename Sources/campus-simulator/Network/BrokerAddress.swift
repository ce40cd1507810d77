/// Where the broker is and who we say we are.
struct BrokerAddress: Sendable {
  var host: String
  var port: Int32
  var username: String?
  var password: String?
}
