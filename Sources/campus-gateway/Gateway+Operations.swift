import Diagnosis
import Foundation
import NIOSSL
import Operations
import ReadingLog

extension Gateway {
  /// Page, metrics and API of this gateway.
  func operations(_ downstream: Downstream) throws -> OperationsServer {
    var embedded: GatewayParts.EmbeddedCore?
    if let local = downstream.local { embedded = { () throws(DiagnosisError) in try local.core } }
    let parts = GatewayParts(
      store: store, intake: intake, campus: campus, relays: downstream.relays, embedded: embedded,
      events: downstream.local?.events, quarantineBox: SecretBox(masterKey, purpose: "quarantine v1"),
      timeZone: configuration.siteTimeZone, lanes: configuration.mqtt.lanes, version: CampusGateway.version,
      now: { unixNow() })
    let http = configuration.http
    if let file = http.tokenFile, let mode = FileMode(file), mode.othersRead || mode.othersWrite {
      logger.warning("http.token_file \(file) has mode \(mode.octal): every user of this machine may use or change the token; chmod 600 \(file)")
    }
    do {
      return try OperationsServer(
        parts, OperationsSettings(host: http.host, port: http.port, token: try http.token(), tls: try http.serverTLS()),
        logger: logger)
    } catch let error as OperationsError {
      throw Refusal(error)
    }
  }
}

extension CampusGateway {
  static let version = "1.0.0"
}

extension Configuration.HTTP {
  /// What the token's file holds.
  func token() throws -> String? {
    guard let tokenFile else { return nil }
    do {
      return try String(contentsOfFile: tokenFile, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw Refusal.cannotRun("http.token_file \(tokenFile) cannot be read: \(error.localizedDescription)")
    }
  }

  func serverTLS() throws -> TLSConfiguration? {
    guard let certificate = tls.certificate, let key = tls.key else { return nil }
    do {
      return try TLSConfiguration.server(certificate: certificate, key: key)
    } catch {
      throw Refusal.cannotRun(
        "http.tls: \(certificate) must hold a certificate chain and \(key) its private key without a passphrase, both PEM (\(error))")
    }
  }
}

extension TLSConfiguration {
  /// Of what listens here. Takes the PEM files of the certificate chain and its key; speaks TLS 1.2 and later, since
  /// RFC 8996 forbids what was before.
  static func server(certificate: String, key: String) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    configuration.minimumTLSVersion = .tlsv12
    return configuration
  }
}

extension Refusal {
  init(_ error: OperationsError) {
    self = .cannotRun(Console.isChinese ? "\(error)\n    \(error.descriptionZh)" : error.description)
  }
}
