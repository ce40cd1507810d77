import Testing

@testable import Diagnosis

@Suite struct WebhookTests {
  private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private let body = Array("{\"test\": 2432232314}".utf8)
  private let time: Int64 = 1_614_265_330

  private func verify(
    _ key: WebhookKey, id: String = "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: String? = nil, signature: String,
    body: [UInt8]? = nil, now: Int64? = nil
  ) throws(DiagnosisError) {
    try key.verify(
      WebhookHeaders(id: id, timestamp: timestamp ?? "\(time)", signature: signature), body: body ?? self.body,
      now: (now ?? time) * 1_000, toleranceSeconds: 300)
  }

  /// The example that libraries of Standard Webhooks test themselves with.
  private let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  @Test func theSignatureIsThatOfStandardWebhooks() throws {
    let key = try WebhookKey(secret: secret + "\n")
    #expect(key.signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: time, body: body) == signature)
    try verify(key, signature: signature)
    try verify(key, signature: "v1,AAAA v2,xx \(signature)")
  }

  @Test func whatIsNotSignedWithTheSecretIsRefused() throws {
    let key = try WebhookKey(secret: secret)
    for wrong in ["v1,\(signature.dropFirst(4))", "v2" + signature.dropFirst(2), "v1,", "", "v1,%%%%"] {
      #expect(throws: DiagnosisError.wrongSignature) { try verify(key, signature: wrong) }
    }
    #expect(throws: DiagnosisError.wrongSignature) { try verify(key, id: "msg_2", signature: signature) }
    #expect(throws: DiagnosisError.wrongSignature) { try verify(key, signature: signature, body: body + [32]) }
    #expect(throws: DiagnosisError.wrongSignature) {
      try verify(key, timestamp: "\(time + 1)", signature: signature)
    }
    let other = try WebhookKey(secret: "a plain text that is longer than one block of the hash, which is 64 bytes long")
    #expect(throws: DiagnosisError.wrongSignature) { try verify(other, signature: signature) }
    try verify(other, signature: other.signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: time, body: body))
  }

  @Test(arguments: [(-300, nil), (300, nil), (-301, 301), (301, -301)] as [(Int64, Int64?)])
  func aTimestampFarFromNowIsRefused(_ offset: Int64, _ ahead: Int64?) throws {
    let key = try WebhookKey(secret: secret)
    do {
      try verify(key, signature: signature, now: time + offset)
      #expect(ahead == nil)
    } catch {
      #expect(error == .wrongTime(seconds: ahead.map { _ in -offset } ?? 0))
    }
  }

  @Test(arguments: [.min, .min + 1_614_265_330, .max] as [Int64])
  func aTimestampAtAnEndOfTimeIsRefusedInWords(_ timestamp: Int64) throws {
    let key = try WebhookKey(secret: secret)
    let error = try #require(throws: DiagnosisError.self) {
      try verify(key, timestamp: "\(timestamp)", signature: signature)
    }
    #expect(error.httpStatus == 401)
    #expect(error.description.contains(timestamp > 0 ? "ahead" : "old"))
    #expect(error.messageZh.contains(timestamp > 0 ? "超前" : "滞后"))
  }

  @Test func aCoreWithASecretWantsASignature() throws {
    var settings = DiagnosisCore.Settings()
    let key = try WebhookKey(secret: secret)
    settings.key = key
    let sample = try Sample(settings: settings)
    let batch = Event.batch([.rate(0)])
    let error = #expect(throws: DiagnosisError.unsigned) { try sample.core.accept(batch: batch, now: time * 1_000) }
    #expect(error?.httpStatus == 401)
    let headers = WebhookHeaders(
      id: "b1", timestamp: "\(time)", signature: key.signature(id: "b1", timestamp: time, body: batch))
    #expect(throws: DiagnosisError.unsigned) {
      try sample.core.accept(
        batch: batch, headers: WebhookHeaders(id: "", timestamp: "\(time)", signature: headers.signature),
        now: time * 1_000)
    }
    #expect(try sample.core.accept(batch: batch, headers: headers, now: time * 1_000).raised.count == 1)
  }

  @Test func whatIsNotSignedIsKnownBeforeItsBody() throws {
    func check(_ headers: WebhookHeaders?) throws(DiagnosisError) {
      try WebhookKey.check(headers, now: time * 1_000, toleranceSeconds: 300)
    }
    #expect(throws: DiagnosisError.unsigned) { try check(nil) }
    #expect(throws: DiagnosisError.wrongSignature) {
      try check(WebhookHeaders(id: "b1", timestamp: "\(time)", signature: ""))
    }
    #expect(throws: DiagnosisError.wrongTime(seconds: -301)) {
      try check(WebhookHeaders(id: "b1", timestamp: "\(time - 301)", signature: signature))
    }
    try check(WebhookHeaders(id: "b1", timestamp: "\(time)", signature: signature))
  }

  @Test(arguments: ["", " \n", "whsec_", "whsec_not base64"])
  func aSecretThatIsNoneIsRefused(_ text: String) {
    #expect(throws: DiagnosisError.unusableSecret) { try WebhookKey(secret: text) }
  }
}
