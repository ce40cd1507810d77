/// The campus as its directory describes it: units, people, places, devices, timetable, rosters and surveys.
///
/// Every reference in it has been checked, where the file it points into was there. A file that was absent is empty.
public struct Campus: Sendable, Equatable {
  public let units: [OrganisationUnit]
  public let people: [Person]
  public let places: [Place]
  public let devices: [Device]
  public let courses: [Course]
  public let sessions: [Session]
  public let enrolments: Enrolments
  public let surveys: [SurveyItem]

  private let unitIndex: [String: Int]
  private let personIndex: [String: Int]
  private let placeIndex: [String: Int]
  private let deviceIndex: [Device.Name: Int]
  private let courseIndex: [String: Int]
  private let sessionIndex: [String: Int]
  private let surveyIndex: [UInt32: Int]

  /// Takes lists that are consistent already. Where an id stands twice, the first is found.
  public init(
    units: [OrganisationUnit] = [], people: [Person] = [], places: [Place] = [],
    devices: [Device] = [], courses: [Course] = [], sessions: [Session] = [],
    enrolments: Enrolments = Enrolments(), surveys: [SurveyItem] = []
  ) {
    self.units = units
    self.people = people
    self.places = places
    self.devices = devices
    self.courses = courses
    self.sessions = sessions
    self.enrolments = enrolments
    self.surveys = surveys
    unitIndex = Self.index(units, by: \.id)
    personIndex = Self.index(people, by: \.id)
    placeIndex = Self.index(places, by: \.id)
    deviceIndex = Self.index(devices, by: \.name)
    courseIndex = Self.index(courses, by: \.id)
    sessionIndex = Self.index(sessions, by: \.id)
    surveyIndex = Self.index(surveys, by: \.item)
  }

  private static func index<Element, Key: Hashable>(
    _ elements: [Element], by key: KeyPath<Element, Key>
  ) -> [Key: Int] {
    var index: [Key: Int] = [:]
    index.reserveCapacity(elements.count)
    for (position, element) in elements.enumerated() where index[element[keyPath: key]] == nil {
      index[element[keyPath: key]] = position
    }
    return index
  }
}

extension Campus {
  public func unit(_ id: String) -> OrganisationUnit? { unitIndex[id].map { units[$0] } }
  public func person(_ id: String) -> Person? { personIndex[id].map { people[$0] } }
  public func place(_ id: String) -> Place? { placeIndex[id].map { places[$0] } }
  public func course(_ id: String) -> Course? { courseIndex[id].map { courses[$0] } }
  public func session(_ id: String) -> Session? { sessionIndex[id].map { sessions[$0] } }
  public func survey(item: UInt32) -> SurveyItem? { surveyIndex[item].map { surveys[$0] } }

  /// The device that publishes under this site and device name; names are compared byte for byte.
  public func device(site: String, device: String) -> Device? {
    deviceIndex[Device.Name(site: site, device: device)].map { devices[$0] }
  }

  /// The position of a person in `people`, as `Enrolments` uses it.
  public func position(ofPerson id: String) -> Int? { personIndex[id] }

  /// The people enrolled in a group, in the order of `people`; none for a group nobody is enrolled in.
  public func people(inGroup group: String) -> [Person] {
    enrolments.members(of: group).map { people[Int($0)] }
  }

  /// The unit itself and its ancestors, the nearest first.
  public func path(ofUnit id: String) -> [OrganisationUnit] {
    path(from: id, find: unit, parent: \.parentID)
  }

  /// The place itself and the places it lies in, the nearest first.
  public func path(ofPlace id: String) -> [Place] {
    path(from: id, find: place, parent: \.parentID)
  }

  private func path<Element>(
    from id: String, find: (String) -> Element?, parent: KeyPath<Element, String?>
  ) -> [Element] {
    var path: [Element] = []
    var next = find(id)
    // A campus built by hand may hold a cycle; no chain is longer than there are units and places.
    while let element = next, path.count < units.count + places.count {
      path.append(element)
      next = element[keyPath: parent].flatMap(find)
    }
    return path
  }
}
