import DeviceProtocol
import Foundation
import Testing

@Suite struct ReceiptTests {
  private static let key = (0..<32).map(UInt8.init)
  private static let topic = "campus/v1/main/term-0001/down"

  @Test func aReceiptIsTheBytesOfTheSharedVector() {
    let receipt = Receipt(
      epoch: 7, through: 5, missing: [.init(9, 12)], now: 1_795_380_757_000, echo: 1_795_380_756_960)
    let message = receipt.message(MACKey(ReceiptTests.key, topic: Array(ReceiptTests.topic.utf8)))
    #expect(
      message.hex
        == "8443a10105a0581b87010107058182090c1b000001a2050842081b000001a2050841e0"
        + "582012fb2582e359c013b79737046e86b53e858d294fcafabcc8db9e70b403464980")
  }

  @Test func aReceiptMadeHereIsTheOneTheDeviceLibraryObeys() throws {
    for vector in Vectors.device.receipts
    where ["nothing missing", "two ranges missing", "largest values"].contains(vector.name) {
      let fields = try #require(vector.receipt?.array)
      let receipt = Receipt(
        epoch: UInt32(try #require(fields[2].integer)), through: UInt32(try #require(fields[3].integer)),
        missing: try #require(fields[4].array).map {
          Receipt.Range(UInt32($0.array![0].integer!), UInt32($0.array![1].integer!))
        }, now: try #require(fields[5].integer), echo: try #require(fields[6].integer))
      #expect(receipt.message(vector.macKey).hex == vector.message)
    }
  }

  @Test func theTwinNamesTheSameFields() {
    #expect(
      String(decoding: Receipt(epoch: 7, through: 42, missing: [], now: 2, echo: 1).json(), as: UTF8.self)
        == #"{"v":1,"type":"receipt","epoch":7,"through":42,"missing":[],"now":2,"echo":1}"#)
    let receipt = Receipt(epoch: .max, through: 0, missing: [.init(1, 1), .init(3, .max)], now: 2, echo: 0)
    #expect(
      String(decoding: receipt.json(), as: UTF8.self)
        == #"{"v":1,"type":"receipt","epoch":4294967295,"through":0,"missing":[[1,1],[3,4294967295]],"now":2,"echo":0}"#
    )
  }

  // MARK: The vectors the device's side reads

  private struct Vector {
    var name: String
    var message: [UInt8]
    var receipt: Receipt?
  }

  private static var vectors: [Vector] {
    let key = MACKey(ReceiptTests.key, topic: Array(topic.utf8))
    let at: Int64 = 1_795_380_757_000
    func obeyed(_ name: String, _ receipt: Receipt) -> Vector {
      Vector(name: name, message: receipt.message(key), receipt: receipt)
    }
    func ignored(_ name: String, _ payload: String) -> Vector {
      Vector(name: name, message: COSEMac0.message(hex(payload), key))
    }
    let sixteen = stride(from: UInt32(10), to: 74, by: 4).map { Receipt.Range($0, $0 + 1) }
    let plain = Receipt(epoch: 7, through: 5, missing: [], now: at, echo: at - 40)
    var changed = plain.message(key)
    changed[20] ^= 1
    return [
      obeyed("through 5, nothing missing", plain),
      obeyed(
        "through 5, missing 9 to 12", Receipt(epoch: 7, through: 5, missing: [.init(9, 12)], now: at, echo: at - 40)),
      obeyed("nothing covered yet", Receipt(epoch: 7, through: 0, missing: [.init(1, 3)], now: at, echo: 0)),
      obeyed("sixteen ranges missing", Receipt(epoch: 0, through: 9, missing: sixteen, now: at, echo: 93_000)),
      obeyed(
        "the widest of everything",
        Receipt(
          epoch: .max, through: .max - 3, missing: [.init(.max - 2, .max)], now: Int64(Limits.maximumTime),
          echo: Int64(Limits.maximumTime))),
      obeyed("the last seq of all", Receipt(epoch: 1, through: .max, missing: [], now: at, echo: at)),
      Vector(name: "one bit of the payload changed", message: changed),
      Vector(
        name: "made for another device",
        message: plain.message(MACKey(ReceiptTests.key, topic: Array("campus/v1/main/term-0002/down".utf8)))),
      Vector(
        name: "made for the up topic",
        message: plain.message(MACKey(ReceiptTests.key, topic: Array("campus/v1/main/term-0001/up".utf8)))),
      Vector(
        name: "another key",
        message: plain.message(MACKey([UInt8](repeating: 1, count: 32), topic: Array(topic.utf8)))),
      Vector(name: "one byte behind the message", message: plain.message(key) + [0]),
      Vector(name: "one byte short", message: Array(plain.message(key).dropLast())),
      Vector(name: "the JSON twin", message: plain.json()),
      ignored("version 2", "87020107058000 00"),
      ignored("type 0", "87010007058000 00"),
      ignored("six elements", "86010107058000"),
      ignored("missing 5, which is covered", "870101070581820505 0000"),
      ignored("missing 9 to 8", "870101070581820908 0000"),
    ]
  }

  private static var text: String {
    var lines: [String] = []
    for vector in vectors {
      let end: String
      if let receipt = vector.receipt {
        let missing = receipt.missing.map { "[\($0.from), \($0.to)]" }.joined(separator: ", ")
        end =
          "\"receipt\": [1, 1, \(receipt.epoch), \(receipt.through), [\(missing)], \(receipt.now), \(receipt.echo)]"
      } else {
        end = "\"expect\": \"ignored\""
      }
      lines.append(
        """
            {"name": \(JSONText.quoted(vector.name)), "topic": "\(topic)", "key": "\(key.hex)", \
        "message": "\(vector.message.hex)", \(end)}
        """)
    }
    return """
      {
        "about": "Wire protocol v1, receipts made by the gateway. Messages and keys are hexadecimal.",
        "receipts": [
      \(lines.joined(separator: ",\n"))
        ]
      }

      """
  }

  /// `CAMPUS_WRITE_VECTORS=1 swift test --filter ReceiptTests` writes the file anew; `make test` in
  /// firmware-protocol then reads it.
  @Test func theGatewaysVectorsAreUpToDate() throws {
    let file = Vectors.folder.appending(path: "gateway-v1.json")
    if ProcessInfo.processInfo.environment["CAMPUS_WRITE_VECTORS"] == "1" {
      try ReceiptTests.text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == ReceiptTests.text)
  }
}
