import COpenSSL

/// Seals bytes with AES-256-GCM (NIST SP 800-38D): 12 random bytes of nonce, the ciphertext, 16 bytes of tag.
public struct SecretBox: Sendable {
  private let key: [UInt8]

  public init(_ master: MasterKey, purpose: String) { key = master.derive(purpose) }

  public func seal(_ plain: UnsafeRawBufferPointer) throws(LogError) -> [UInt8] {
    var sealed = [UInt8](repeating: 0, count: 12 + plain.count + 16)
    guard RAND_bytes(&sealed, 12) == 1, let context = EVP_CIPHER_CTX_new() else {
      throw .other("no random bytes or memory to encrypt with")
    }
    defer { EVP_CIPHER_CTX_free(context) }
    let good = sealed.withUnsafeMutableBufferPointer { out in
      guard let start = out.baseAddress else { return false }
      var count: Int32 = 0
      return EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, start) == 1
        && EVP_EncryptUpdate(
          context, start + 12, &count, plain.bindMemory(to: UInt8.self).baseAddress ?? UnsafePointer(start),
          Int32(plain.count)) == 1
        && EVP_EncryptFinal_ex(context, start + 12 + Int(count), &count) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, start + 12 + plain.count) == 1
    }
    guard good else { throw .other("libcrypto could not encrypt") }
    return sealed
  }

  public func seal(_ plain: [UInt8]) throws(LogError) -> [UInt8] {
    let sealed = plain.withUnsafeBytes { bytes in
      Result { () throws(LogError) in try seal(bytes) }
    }
    return try sealed.get()
  }

  public func open(_ sealed: [UInt8], what: String) throws(LogError) -> [UInt8] {
    guard sealed.count >= 28, let context = EVP_CIPHER_CTX_new() else { throw .cannotDecrypt(what) }
    defer { EVP_CIPHER_CTX_free(context) }
    let length = sealed.count - 28
    var tag = Array(sealed[(12 + length)...])
    var plain = [UInt8](repeating: 0, count: length + 1)
    var count: Int32 = 0
    let good = sealed.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return false }
      return EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, start) == 1
        && EVP_DecryptUpdate(context, &plain, &count, start + 12, Int32(length)) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1
        && EVP_DecryptFinal_ex(context, &plain[length], &count) == 1
    }
    guard good else { throw .cannotDecrypt(what) }
    plain.removeLast()
    return plain
  }
}
