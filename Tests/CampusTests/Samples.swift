@testable import Campus

/// A small campus without faults, and ways to damage it.
enum Sample {
  static let campus: [CampusFile: String] = [
    .units: """
    unit_id,parent_id,level,name
    school,,school,示范学校
    col-1,school,college,信息学院
    office-1,col-1,office,软件教研室
    prog-1,col-1,programme,软件技术
    class-1,prog-1,class,软件2601
    """,
    .people: """
    person_id,role,name,unit_id,card
    s1,student,张三,class-1,04A1b2c3
    s2,student,李四,class-1,04a1b2c3d4e5f6;0badcafe
    s3,student,,class-1,
    t1,teacher,王老师,office-1,ffeeddccbbaa99887766554433221100
    w1,staff,赵师傅,,
    """,
    .places: """
    place_id,parent_id,kind,name,unit_id
    campus,,campus,校区,
    bld-1,campus,building,教学楼,school
    room-1,bld-1,room,教室1,col-1
    canteen-1,campus,canteen,一食堂,
    """,
    .devices: """
    site,device,place_id,model,auth,adapter
    main,term-1,room-1,terminal,mac,
    main,kiosk-1,canteen-1,kiosk,transport,acme
    """,
    .courses: """
    course_id,name,unit_id
    c1,程序设计,col-1
    """,
    .sessions: """
    session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at
    m1,c1,g1,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00
    m2,c1,g9,t1,room-1,2026-09-07T02:30Z,2026-09-07T03:20:00.5Z
    """,
    .enrolments: """
    group_id,person_id
    g1,s2
    g2,s3
    g1,s1
    """,
    .surveys: """
    item,place_kind,dimension,text,min,max
    1,canteen,taste,菜品口味,1,5
    """,
  ]

  static func load(
    _ files: [CampusFile: String]
  ) -> (campus: Campus?, faults: [CampusFault]) {
    Campus.load(files: files.mapValues { Array($0.utf8) })
  }

  /// The faults of the sample campus with one file replaced.
  static func faults(_ file: CampusFile, _ text: String) -> [CampusFault] {
    var files = campus
    files[file] = text
    return load(files).faults
  }

  /// The faults of the sample campus with rows added at the end of a file.
  static func faults(_ file: CampusFile, adding rows: String...) -> [CampusFault] {
    faults(file, ([campus[file] ?? ""] + rows).joined(separator: "\n"))
  }
}

/// A fault's place and problem, without the directory.
func fault(_ file: CampusFile, _ line: Int, _ problem: CampusProblem) -> CampusFault {
  CampusFault(file: file.rawValue, line: line, problem: problem)
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
