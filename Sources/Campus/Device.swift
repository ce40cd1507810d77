/// A registered device: one row of `devices.csv`.
public struct Device: Sendable, Equatable {
  /// How its messages are authenticated.
  public enum Authentication: String, Sendable, CaseIterable {
    /// By a MAC of its own in every frame, on `…/up`.
    case mac
    /// By the broker's transport alone, on `…/json`.
    case transport
  }

  /// A device's identity: the pair, as it stands in its topics.
  public struct Name: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var site: String
    public var device: String

    public init(site: String, device: String) {
      self.site = site
      self.device = device
    }

    public var description: String { "\(site)/\(device)" }

    public static func < (left: Name, right: Name) -> Bool {
      (left.site, left.device) < (right.site, right.device)
    }
  }

  public var site: String
  public var device: String
  public var placeID: String
  public var model: String
  public var auth: Authentication
  /// The adapter that reads its payloads; `nil` for a device that speaks the wire contract itself.
  public var adapter: String?

  public var name: Name { Name(site: site, device: device) }

  public init(
    site: String, device: String, placeID: String, model: String, auth: Authentication,
    adapter: String? = nil
  ) {
    self.site = site
    self.device = device
    self.placeID = placeID
    self.model = model
    self.auth = auth
    self.adapter = adapter
  }

  /// Whether a text may stand for a site or a device in a topic: 1 to 64 bytes of `A-Z a-z 0-9 . _ -`,
  /// not starting with a dot.
  public static func isTopicName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first != UInt8(ascii: "."), text.utf8.count <= 64 else {
      return false
    }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}
