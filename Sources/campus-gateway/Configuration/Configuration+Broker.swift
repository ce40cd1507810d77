import Foundation
import Ingest

extension Configuration {
  /// How the broker is reached, with the password of its file.
  func brokerOptions() throws -> BrokerOptions {
    var options = BrokerOptions()
    options.host = mqtt.host
    options.port = Int32(mqtt.port)
    options.clientID = mqtt.clientID
    options.username = mqtt.username
    options.tlsCA = mqtt.tls.ca
    options.tlsCertificate = mqtt.tls.certificate
    options.tlsKey = mqtt.tls.key
    options.subscriptions = mqtt.subscriptions
    if let file = mqtt.passwordFile {
      do {
        options.password = try String(contentsOfFile: file, encoding: .utf8)
          .trimmingCharacters(in: .newlines)
      } catch {
        throw Refusal.cannotRun("mqtt.password_file \(file) cannot be read: \(error.localizedDescription)")
      }
    }
    return options
  }
}
