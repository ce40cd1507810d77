import Foundation
import Glibc
import Operations

/// Takes a configuration whose values are good by themselves, gives the keys a start would refuse for what they name:
/// said before anything runs, and not minutes later at the broker.
extension Configuration {
  typealias Unusable = (key: String, problem: Wording)

  /// As the user sees it who runs this command. Reads, and changes nothing.
  func unusable() -> [Unusable] {
    var found: [Unusable] = []
    if isFolder(store.path) {
      found.append(
        ("store.path", Wording("store.path: \(store.path) is a folder: name a file in it", "store.path：\(store.path) 是目录，请填写其中的文件名")))
    }
    let texts: [(key: String, path: String?)] = [
      ("mqtt.password_file", mqtt.passwordFile), ("http.token_file", http.tokenFile),
    ]
    for (key, path) in texts {
      if let path, let problem = unreadable(key, path) { found.append((key, problem)) }
    }
    let certificates: [(key: String, path: String?)] = [
      ("mqtt.tls.ca", mqtt.tls.ca), ("mqtt.tls.certificate", mqtt.tls.certificate), ("mqtt.tls.key", mqtt.tls.key),
      ("http.tls.certificate", http.tls.certificate), ("http.tls.key", http.tls.key),
      ("diagnosis.ca", diagnosis.url == nil ? nil : diagnosis.ca),
    ]
    for (key, path) in certificates {
      if let path, let problem = unreadable(key, path) ?? notPEM(key, path) { found.append((key, problem)) }
    }
    return found + refused(after: found.map { $0.key })
  }

  /// What the parts themselves refuse, where their files can be read.
  private func refused(after keys: [String]) -> [Unusable] {
    var found: [Unusable] = []
    if !keys.contains("http.token_file") {
      do {
        try OperationsSettings(host: http.host, port: http.port, token: try http.token(), tls: nil).check()
      } catch let error as OperationsError {
        let key = if case .open = error { "http.host" } else { "http.token_file" }
        found.append((key, Wording(error.description, error.descriptionZh)))
      } catch {
        found.append(("http.token_file", Wording("\(error)", "http.token_file 无法使用：\(error)")))
      }
    }
    if !keys.contains(where: { $0.hasPrefix("http.tls.") }) {
      do { _ = try http.serverTLS() } catch {
        found.append(("http.tls.certificate", Wording("\(error)", "http.tls 的证书或密钥无法使用：\(error)")))
      }
    }
    do { _ = try webhookKey() } catch {
      found.append(("diagnosis.secret_file", Wording("\(error)", "diagnosis.secret_file 无法使用：\(error)")))
    }
    return found
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private func unreadable(_ key: String, _ path: String) -> Wording? {
    if isFolder(path) { return Wording("\(key): \(path) is a folder: name a file", "\(key)：\(path) 是目录，请填写文件名") }
    guard access(path, R_OK) != 0 else { return nil }
    let reason = String(cString: strerror(errno))
    return Wording("\(key): \(path) cannot be read: \(reason)", "\(key)：无法读取 \(path)：\(reason)")
  }

  private func notPEM(_ key: String, _ path: String) -> Wording? {
    guard let data = FileManager.default.contents(atPath: path), data.range(of: Data("-----BEGIN ".utf8)) == nil
    else { return nil }
    return Wording("\(key): \(path) is no PEM file: it has no line “-----BEGIN …”", "\(key)：\(path) 不是 PEM 文件：没有“-----BEGIN …”行")
  }
}
