//! Small registers in the style of two other counties, judged by hand before the rules met them.
//!
//! At that first meeting recall and precision were 92 and 92 % for the first and 72 and 95 % for the
//! second: what to expect of a new register. Some rules were mended since, so the thresholds below
//! only guard against getting worse.

use super::likeness_tests::{Pairs, assert_measure, found, pair};

fn measure(names: &str, judged: &str, recall: usize, precision: usize) {
    let names = names.lines().collect::<Vec<_>>();
    let judged = judged
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(a, b)| {
            assert!(names.contains(&a) && names.contains(&b), "{a} | {b}");
            (pair(a, b), "JUDGED".to_owned())
        })
        .collect::<Pairs>();
    assert_measure(&found(&names), &judged, recall, precision);
}

#[test]
fn a_register_from_the_south_east() {
    measure(SOUTH_EAST, SOUTH_EAST_JUDGED, 92, 99);
}

const SOUTH_EAST: &str = "\
Medway Council
Kent County Council
KCC Adult Social Care
KCC Housing Options
Kent Police
Porchlight
Porchlite
Canterbury Housing Advice Centre
CHAC
Change Grow Live Ashford
Change Grow Live Thanet
Change Grow Live (Medway)
Forward Trust
The Forward Trust
Look Ahead Care & Support
Ashford Borough Council
Ashford BC
Folkestone Job Centre
Jobcentre Plus Folkestone
Town and Country HA
Town & Country Housing Association
Maidstone Hospital
Maidstone Primary School
Maidstone Probation Office
Dover Probation Office
Dover District Council
Thanet District Council
William Harvey Hospital
Oasis Domestic Abuse Service
Oasis Domestic Abuse Services
Rising Sun Domestic Violence and Abuse Service
Samaritans
Samaritons
St Peter's Church
St Peter's Primary School
Whitstable Medical Practice
Whitstable Health Centre
Kent and Medway NHS and Social Care Partnership Trust
KMPT
CMHT Canterbury
CMHT Thanet
Community Mental Health Team (Canterbury)
Carers Support Ashford
Carers Support East Kent
Catching Lives
Young Lives Foundation
Early Help Ashford
Early Help Dover
Citizens Advice Maidstone
Citizens Advice Bureau Dover
Midwives
Self Referral
Swale Womens Refuge
Home-Start Swale
Home-Start Dover
Homestart Ashford
Optivo
Golding Homes
mhs homes
Kenward Trust
Maidstone Day Centre
Canterbury Umbrella Centre
Hestia";

const SOUTH_EAST_JUDGED: &str = "\
Kent County Council|KCC Adult Social Care
Kent County Council|KCC Housing Options
KCC Adult Social Care|KCC Housing Options
Porchlight|Porchlite
Canterbury Housing Advice Centre|CHAC
Change Grow Live Ashford|Change Grow Live Thanet
Change Grow Live Ashford|Change Grow Live (Medway)
Change Grow Live Thanet|Change Grow Live (Medway)
Forward Trust|The Forward Trust
Ashford Borough Council|Ashford BC
Folkestone Job Centre|Jobcentre Plus Folkestone
Town and Country HA|Town & Country Housing Association
Maidstone Probation Office|Dover Probation Office
Oasis Domestic Abuse Service|Oasis Domestic Abuse Services
Samaritans|Samaritons
Kent and Medway NHS and Social Care Partnership Trust|KMPT
CMHT Canterbury|Community Mental Health Team (Canterbury)
CMHT Canterbury|CMHT Thanet
CMHT Thanet|Community Mental Health Team (Canterbury)
Carers Support Ashford|Carers Support East Kent
Early Help Ashford|Early Help Dover
Citizens Advice Maidstone|Citizens Advice Bureau Dover
Home-Start Swale|Home-Start Dover
Home-Start Swale|Homestart Ashford
Home-Start Dover|Homestart Ashford";

#[test]
fn a_register_from_the_east() {
    measure(EAST, EAST_JUDGED, 96, 96);
}

const EAST: &str = "\
Norfolk County Council
Norfolk Childrens Services
NCC Adult Social Services
Norwich City Council
Norwich City Council Housing Options
Norwich Prison
HMP Norwich
Broadland Housing Association
Broadland HA
Broadland District Council
Saffron Housing Trust
Safron Housing Trust
Freebridge Community Housing
Orwell Housing Association
Leeway Domestic Violence and Abuse Services
Leeway
St Martins Housing Trust
St. Martin's
St Martin's Primary School
YMCA Norfolk
YMCA
Pathways Norwich
The Benjamin Foundation
Benjamin Foundation
Norfolk and Suffolk NHS Foundation Trust
NSFT
Great Yarmouth Borough Council
GYBC
Kings Lynn Jobcentre
DWP Kings Lynn
Thetford Job Centre Plus
Shelter
Shelter Norfolk
Norfolk Constabulary
Norfolk Police
Mancroft Advice Project (MAP)
MAP
Norwich Foodbank
Thetford Foodbank
Genesis Family Church
Age UK Norwich
Age UK Norfolk
Norfolk Citizens Advice
Citizens Advice Diss Thetford
Dereham Medical Centre
Derham Medical Centre
Hellesdon Hospital
Solo Housing
Purfleet Trust
The Purfleet Trust Ltd
Julian Support
Home Group
Change, Grow, Live
CGL
Family Voice
Equal Lives
Queen Elizabeth Hospital
Queen Elizabeth Hospital Safeguarding Team
Feathers Futures
Friends and family";

const EAST_JUDGED: &str = "\
Broadland Housing Association|Broadland HA
Norwich City Council|Norwich City Council Housing Options
Norwich Prison|HMP Norwich
Saffron Housing Trust|Safron Housing Trust
Leeway Domestic Violence and Abuse Services|Leeway
St Martins Housing Trust|St. Martin's
YMCA Norfolk|YMCA
The Benjamin Foundation|Benjamin Foundation
Norfolk and Suffolk NHS Foundation Trust|NSFT
Great Yarmouth Borough Council|GYBC
Kings Lynn Jobcentre|DWP Kings Lynn
Kings Lynn Jobcentre|Thetford Job Centre Plus
DWP Kings Lynn|Thetford Job Centre Plus
Shelter|Shelter Norfolk
Norfolk Constabulary|Norfolk Police
Mancroft Advice Project (MAP)|MAP
Norwich Foodbank|Thetford Foodbank
Age UK Norwich|Age UK Norfolk
Norfolk Citizens Advice|Citizens Advice Diss Thetford
Dereham Medical Centre|Derham Medical Centre
Purfleet Trust|The Purfleet Trust Ltd
Change, Grow, Live|CGL
Queen Elizabeth Hospital|Queen Elizabeth Hospital Safeguarding Team
Norfolk County Council|NCC Adult Social Services
Norfolk County Council|Norfolk Childrens Services";
